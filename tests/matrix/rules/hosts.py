"""Planted faults in declared hosts."""

from tests.matrix.rules.fault import Fault

FAMILY = 'axes: {cuda: ["12.6.3", "13.0.3"], os: ubuntu24.04, torch: "2.14.1"}\n'

FAULTS = (
    Fault(
        "driver-floor",
        f"""
{FAMILY}
hosts:
  - {{gpu: L4, driver: "550.90.07"}} # here
""",
        "CUDA 13.0.3 does not run on L4: it needs driver 580.65.06 or newer, and 550.90.07 is there",
        ("550.90.07", "580.95.05"),
    ),
    Fault(
        "driver-floor",
        f"""
{FAMILY}
hosts:
  - azure:Standard_NC24ads_A100_v4
  - azure:Standard_NV36ads_A10_v5 # here
""",
        "a vGPU driver takes no forward-compatibility package",
        ("- azure:Standard_NV36ads_A10_v5", '- {size: azure:Standard_NV36ads_A10_v5, match: {cuda: "12.*"}}'),
    ),
    Fault(
        "driver-floor",
        """
axes: {cuda: "13.4.1", os: ubuntu24.04, source: wheels}
hosts:
  - {gpu: A100, driver: "570.211.01"} # here
""",
        "does not run on A100",
        ("570.211.01", "580.65.06"),
    ),
    Fault(
        "gpu-not-covered",
        """
axes: {cuda: "12.8.1", os: ubuntu24.04, torch: "2.11.0"}
hosts:
  - {gpu: V100, driver: "535.161.08"} # here
""",
        "torch 2.11.0+cu128 for amd64 has no code for compute capability 7.0",
        ("2.11.0", "2.10.0"),
    ),
    Fault(
        "gpu-not-covered",
        """
axes: {cuda: ["12.6.3", "13.0.3"], os: ubuntu24.04}
hosts:
  - azure:Standard_ND128isr_NDR_GB200_v6 # here
""",
        "CUDA 12.6.3 does not run on azure:Standard_ND128isr_NDR_GB200_v6: CUDA 12.6 does not know",
        ("12.6.3", "12.8.1"),
    ),
    Fault(
        "hosts-unreachable",
        f"""
{FAMILY}
hosts:
  - azure:Standard_NC24ads_A100_v5 # here
""",
        "there is no size `azure:Standard_NC24ads_A100_v5`; did you mean azure:Standard_NC24ads_A100_v4",
        ("A100_v5", "A100_v4"),
    ),
    Fault(
        "hosts-unreachable",
        f"""
{FAMILY}
hosts:
  - azure:Standard_NC6s_v3 # here
""",
        "azure:Standard_NC6s_v3: it was retired on 2025-09-30",
        ("Standard_NC6s_v3", "Standard_NC24ads_A100_v4"),
    ),
    Fault(
        "hosts-unreachable",
        """
axes: {cuda: "13.0.3", os: ubuntu24.04, platform: linux/amd64}
hosts:
  - azure:Standard_ND128isr_NDR_GB200_v6 # here
""",
        "it is arm64, and no image is",
        ("linux/amd64", "linux/arm64"),
    ),
    Fault(
        "hosts-unreachable",
        f"""
{FAMILY}
hosts:
  - azure:Standard_ND96isr_MI300X_v5 # here
""",
        "AMD MI300X is no GPU of NVIDIA's",
        ("Standard_ND96isr_MI300X_v5", "Standard_ND96isr_H100_v5"),
    ),
    Fault(
        "hosts-unreachable",
        f"""
{FAMILY}
hosts:
  - {{gpu: K80, driver: "470.82.01"}} # here
""",
        "nothing that is promised to it runs there",
        ('gpu: K80, driver: "470.82.01"', 'gpu: T4, driver: "580.82.07"'),
    ),
    Fault(
        "hosts-unreachable",
        f"""
{FAMILY}
hosts:
  - {{gpu: T4, match: {{os: debian13}}}} # here
""",
        "no image is promised to it",
        ("debian13", "ubuntu24.04"),
    ),
    Fault(
        "demand-impossible",
        f"""
{FAMILY}
smoke:
  gpus:
    - {{cc: "7.0", driver: oldest}} # here
""",
        "CUDA 13.0.3 cannot be tested on cc 7.0 driver oldest: CUDA 13.0 has dropped compute capability 7.0",
        (
            'gpus:\n    - {cc: "7.0", driver: oldest} # here',
            'policies: [{match: {cuda: "12.6.*", platform: "*/amd64"}, gpus: [{cc: "7.0"}], reason: x}]',
        ),
    ),
    Fault(
        "demand-impossible",
        f"""
{FAMILY}
smoke:
  gpus: [{{cc: "9.0", driver: "570"}}] # here
""",
        "it needs driver 580.65.06 or newer, and 570 is there",
        ('"570"', '"590"'),
    ),
)
