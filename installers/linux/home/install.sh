#!/bin/sh
# Installs Spendlight for the current user: the program below ~/.local/opt, commands in ~/.local/bin,
# and a menu entry. It changes nothing else and needs no administrator rights.
#
#   ./install.sh        installs, or upgrades an earlier installation
#
# ~/.local/opt/spendlight/uninstall.sh removes it.
set -eu

say() { # unlike echo, prints backslashes unchanged
    printf '%s\n' "$*"
}

fail() {
    say "install.sh: $*" >&2
    exit 1
}

case ${1:-} in
    '') ;;
    -h | --help)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
        exit
        ;;
    *) fail "unknown argument '$1'; see ./install.sh --help" ;;
esac

here=$(cd "$(dirname "$0")" && pwd -P)
case ${HOME:-} in
    /*) ;;
    *) fail 'HOME must be the path of your home folder' ;;
esac
if [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_USER:-}" ]; then
    fail "it installs for the user who runs it, and needs no sudo: run it as $SUDO_USER"
fi

opt=$HOME/.local/opt
target=$opt/spendlight
bin=$HOME/.local/bin
share=${XDG_DATA_HOME:-$HOME/.local/share}
case $share in
    /*) ;;
    *) share=$HOME/.local/share ;; # the XDG specification does not allow relative paths
esac
new=$opt/.spendlight-new
old=$opt/.spendlight-old

if [ "$here" = "$target" ]; then
    fail 'this is what is installed; to upgrade, run install.sh of a newer archive'
fi
if ! version=$("$here/spendlight" --version 2>&1); then
    fail "the program does not run on this system, so nothing was installed: $version"
fi

# The folders are exchanged by renaming, so that there is always a complete one.
mkdir -p "$opt" "$bin" || fail 'nothing was installed'
if [ ! -e "$target" ] && [ -d "$old" ]; then
    mv "$old" "$target" # an upgrade was broken off between two steps
fi
rm -rf "$new" "$old"
trap 'rm -rf "$new"' EXIT
cp -R "$here" "$new" || fail "not everything could be copied to $opt, so nothing has changed"

was_there=
if [ -e "$target" ]; then
    [ -x "$target/spendlight-tray" ] || fail "$target already exists and is not Spendlight; nothing was changed"
    was_there=yes
    mv "$target" "$old"
fi
if ! mv "$new" "$target"; then
    [ -z "$was_there" ] || mv "$old" "$target"
    fail "$target could not be written, so nothing has changed"
fi

# The files outside the folder are listed in it, for the next upgrade and for uninstall.sh.
list=$target/installed-files
unfinished() {
    say "install.sh: not everything could be written, so the installation is incomplete. Fix the error above" >&2
    say "and run install.sh again, or remove it with $target/uninstall.sh" >&2
}
trap unfinished EXIT
: >"$list"

put() { # put FILE PLACE: copies a file of the archive
    mkdir -p "$(dirname "$2")"
    rm -f "$2"
    cp "$1" "$2"
    printf '%s\n' "$2" >>"$list"
}

quoted() { # as the value of Exec in a desktop entry: first for its quotes, then for the file
    printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"`$]/\\&/g; s/\\/\\\\/g; s/%/%%/g')"
}

put_shared() { # puts what is below share, each file in its place
    (cd "$target/share" && find . -type f -o -type l) | while read -r file; do
        put "$target/share/$file" "$share/${file#./}"
    done
}

put_shared
entry=$share/applications/spendlight.desktop
program=$(quoted "$target/spendlight-tray")
while IFS= read -r line; do
    case $line in
        Exec=*) printf 'Exec=%s\n' "$program" ;;
        TryExec=*) ;;
        *) printf '%s\n' "$line" ;;
    esac
done <"$target/share/applications/spendlight.desktop" >"$entry.new"
mv "$entry.new" "$entry"

is_ours() { # is_ours NAME: whether the command of that name starts this installation
    [ "$(readlink "$bin/$1" 2>/dev/null || true)" = "$target/$1" ]
}

for name in spendlight spendlight-tray; do
    if ! is_ours "$name" && [ ! -e "$bin/$name" ]; then # a link that leads nowhere is no command
        ln -sf "$target/$name" "$bin/$name"
    fi
    if is_ours "$name"; then
        printf '%s\n' "$bin/$name" >>"$list"
    fi
done

if [ -f "$old/installed-files" ]; then # what only the version before had put there
    grep -vxF -f "$list" "$old/installed-files" | while read -r file; do
        case $file in
            "$HOME"/* | "$share"/*) rm -f "$file" ;;
        esac
    done
fi
rm -rf "$old"
trap - EXIT

if [ -n "$was_there" ]; then
    say "Upgraded to $version in $target."
    say "Settings and ledger are unchanged. A running tray restarts as the new version within"
    say "half a minute, as soon as its window is closed."
else
    say "Installed $version in $target."
    say "It is in the menu as Spendlight. To start it at login, turn that on in its settings."
fi
for name in spendlight spendlight-tray; do
    if ! is_ours "$name"; then
        say "$bin/$name belongs to another installation and was not changed; it is the one that your shell starts."
    fi
done
case :$PATH: in
    *":$bin:"*) ;;
    *) say "$bin is not on your PATH; until it is, start $target/spendlight." ;;
esac
libraries=$target/system-libraries
if command -v ldconfig >/dev/null 2>&1 || [ -x /sbin/ldconfig ]; then
    known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)
    missing=
    while read -r library; do
        case $known in
            *"$library ("*) ;;
            *) missing="$missing $library" ;;
        esac
    done <"$libraries"
    if [ -n "$known" ] && [ -n "$missing" ]; then
        say "The tray and the window need libraries that are not installed:$missing."
        say "On Debian and Ubuntu: sudo apt install @DEBIAN_PACKAGES@"
        say "On other systems, find their packages with your package manager. Reports do not need them."
    fi
fi
