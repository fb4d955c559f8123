# shellcheck shell=bash
# A bridge and NAT chains of our own, so that the private engine leaves another engine's rules alone.
# Where the kernel or the rights for that are missing, steps share the host's network instead.

name=$(short_id)
bridge=cib$name
chain=CIB-$name

default_device() { ip -4 route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -1; }

# The first /24 that no route of this machine covers.
free_subnet() {
  local octet=$((16#${name:0:2})) prefix
  for prefix in "10.213.$octet" "172.29.$octet" "192.168.$octet"; do
    if ! ip -4 route show to match "$prefix.0/24" | grep -vq '^default'; then
      echo "$prefix"
      return
    fi
  done
  return 1
}

mtu() { cat "/sys/class/net/$(default_device)/mtu" 2>/dev/null || echo 1500; }

bridge_prefix() { ip -4 -o addr show dev "$bridge" 2>/dev/null | sed -n 's/.* inet \([0-9.]*\)\.1\/24.*/\1/p'; }

make_bridge() {
  local prefix
  [[ -z $(bridge_prefix) ]] || return 0
  remove_bridge
  prefix=$(free_subnet) && ip link add "$bridge" type bridge && ip addr add "$prefix.1/24" dev "$bridge" &&
    ip link set "$bridge" mtu "$(mtu)" up
}

remove_bridge() { ip link delete "$bridge" 2>/dev/null || true; }

# hook TABLE FROM: our chain, emptied, is reached first from FROM.
hook() {
  iptables -w -t "$1" -N "$chain" 2>/dev/null || iptables -w -t "$1" -F "$chain" || return 1
  iptables -w -t "$1" -C "$2" -j "$chain" 2>/dev/null || iptables -w -t "$1" -I "$2" 1 -j "$chain"
}

unhook() {
  iptables -w -t "$1" -D "$2" -j "$chain" 2>/dev/null || return 0
  iptables -w -t "$1" -F "$chain"
  iptables -w -t "$1" -X "$chain"
}

add_rules() {
  hook nat POSTROUTING && hook filter FORWARD &&
    iptables -w -t nat -A "$chain" -s "$(bridge_prefix).0/24" ! -o "$bridge" -j MASQUERADE &&
    iptables -w -A "$chain" -i "$bridge" -j ACCEPT &&
    iptables -w -A "$chain" -o "$bridge" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
}

# Forwarding is one switch for the whole machine: remember that it was us who turned it on.
enable_forwarding() {
  local switch=/proc/sys/net/ipv4/ip_forward
  [[ $(cat $switch) == 1 ]] && return
  echo 1 >$switch && touch "$state/forwarding"
}

# Another engine that came later needs the switch too; it has rules in FORWARD then.
restore_forwarding() {
  [[ -e $state/forwarding ]] || return 0
  if [[ $(iptables -w -S FORWARD | wc -l) -le 1 ]]; then echo 0 >/proc/sys/net/ipv4/ip_forward; fi
  rm -f "$state/forwarding"
}

# A firewall that was reloaded since has forgotten our chains.
network_intact() {
  [[ -n $(bridge_prefix) ]] && iptables -w -C FORWARD -j "$chain" && iptables -w -t nat -C POSTROUTING -j "$chain"
} 2>/dev/null

# Prints the bridge's name for the engine, or "none".
network_up() {
  if { make_bridge && add_rules && enable_forwarding; } 2>"$state/engine/network.log"; then
    echo "$bridge"
  else
    network_down
    echo none
  fi
}

network_down() {
  unhook nat POSTROUTING 2>/dev/null || true
  unhook filter FORWARD 2>/dev/null || true
  remove_bridge
  restore_forwarding 2>/dev/null || true
}
