#!/usr/bin/env bash
# Sees to it that a Debian-like system has the packages that Qt loads, and nothing elsewhere.
#
#   maintenance/debian_packages.sh run|test|frozen|package|package-check|PACKAGE...
#
# Installs what is missing where it may do so without asking; else says how to, and fails.
set -euo pipefail

offscreen=(libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0)
xcb=(libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0)
private_desktop=(xvfb xauth x11-utils openbox weston dunst dbus desktop-file-utils) # for the tests
shells=(bash zsh fish mandoc) # likewise: completion and the manual page
packaged=(binutils dpkg-dev nsis ruby xz-utils) # likewise: what packages are made of and with
frozen=(binutils) # it strips and reads what PyInstaller collects
linked=(libbrotli1 libexpat1 libfreetype6 libgssapi-krb5-2 libwayland-client0 libwayland-cursor0
    libwayland-egl1 libx11-6 libx11-xcb1 libxcb1 libxcursor1 zlib1g) # what packages depend on is looked up in these
servers=(openssh-client openssh-server) # likewise: other machines, which teams get usage from
compiled=(gcc libc6-dev) # likewise: the native reader, and its checks
packers=(dpkg-dev rpm squashfs-tools xz-utils zstd)
checkers=(appstream desktop-file-utils lintian rpmlint)
clean_systems=(debian-archive-keyring debootstrap squashfuse)
shown=(xvfb x11-utils openbox trayer dbus imagemagick) # a screen with a tray, and pictures of it

has() { command -v "$1" >/dev/null 2>&1; }

if ! has apt-get || ! has dpkg-query; then
    exit 0
fi

case $1 in
    run)
        if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
            exit 0 # without a screen the program stays in the terminal, which needs no Qt
        fi
        wanted=("${offscreen[@]}" "${xcb[@]}")
        ;;
    test) wanted=("${offscreen[@]}" "${xcb[@]}" "${private_desktop[@]}" "${shells[@]}" "${packaged[@]}" "${servers[@]}" "${compiled[@]}") ;;
    frozen) wanted=("${offscreen[@]}" "${xcb[@]}" "${frozen[@]}") ;;
    package) wanted=("${offscreen[@]}" "${xcb[@]}" "${frozen[@]}" "${linked[@]}" "${packers[@]}") ;;
    package-check) wanted=("${checkers[@]}" "${clean_systems[@]}" "${shown[@]}") ;;
    *) wanted=("$@") ;;
esac

is_installed() { # newer releases have some of them under a name that ends in t64
    local states
    states=$(dpkg-query --show --showformat '${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null || true)
    grep -qx installed <<<"$states"
}

missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

command="apt-get install --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif has sudo && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
else
    echo "Some Debian packages are missing; install them, then try again: sudo $command" >&2
    exit 1
fi

echo "Installing Debian packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" \
        </dev/null >>"$log" 2>&1
}
apt update || true # an old list may do, and if not, the next line says so
if ! apt install --yes --no-install-recommends "${missing[@]}"; then
    cat "$log" >&2
    echo "These Debian packages could not be installed; try it by hand: $command" >&2
    exit 1
fi
