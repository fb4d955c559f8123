"""All ailments, in the order in which they are looked for: what is below explains what is above."""

from builder.doctor.image.ailment import Ailment
from builder.doctor.image.ailments import container, driver, programs

AILMENTS: tuple[Ailment, ...] = (*container.AILMENTS, *driver.AILMENTS, *programs.AILMENTS)
