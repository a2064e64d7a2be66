#!/bin/sh
# Removes what install.sh installed for the current user; keeps the usage ledger and the settings.
set -eu

say() { # unlike echo, prints backslashes unchanged
    printf '%s\n' "$*"
}

@END_RUNNING@
here=$(cd "$(dirname "$0")" && pwd -P)
if [ ! -f "$here/installed-files" ]; then
    say "uninstall.sh: nothing is installed in $here" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_USER:-}" ]; then
    say "uninstall.sh: it needs no sudo: run it as $SUDO_USER" >&2
    exit 1
fi
config=${XDG_CONFIG_HOME:-$HOME/.config}
share=${XDG_DATA_HOME:-$HOME/.local/share}

# Claude Code must not go on calling a program that no longer exists. If there is another
# installation, only the entries that name this one are undone.
other=$(readlink -f "$(command -v spendlight 2>/dev/null)" 2>/dev/null || true)
case $other in
    '' | "$here"/*) other= ;;
esac
claude=${CLAUDE_CONFIG_DIR:-$HOME/.claude}
if [ -z "$other" ] || grep -qsF "$here/spendlight" "$claude/settings.json"; then
    "$here/spendlight" unhook --yes >/dev/null 2>&1 ||
        say "Spendlight's changes to $claude/settings.json could not be undone; please check that file."
fi
"$here/spendlight" quit --all >/dev/null 2>&1 || true
end_running "$here"

autostart=$config/autostart/spendlight.desktop
if grep -qsF "$here/spendlight" "$autostart"; then
    rm -f "$autostart"
fi
while IFS= read -r file; do
    case $file in
        */bin/spendlight | */bin/spendlight-tray)
            case $(readlink "$file" 2>/dev/null || true) in
                "$here"/*) rm -f "$file" ;;
            esac
            ;;
        *)
            rm -f "$file"
            below=${file#"$share"/}
            (cd "$share" && rmdir -p "$(dirname "$below")") 2>/dev/null || true # folders that are empty now
            ;;
    esac
done <"$here/installed-files"
rm -rf "$here"
beside=$(dirname "$here") # left by an interrupted upgrade
rm -rf "$beside/.spendlight-new" "$beside/.spendlight-old"

kept=
for folder in "$share/spendlight" "$config/spendlight" \
    "${XDG_CACHE_HOME:-$HOME/.cache}/spendlight" "${XDG_STATE_HOME:-$HOME/.local/state}/spendlight"; do
    if [ -d "$folder" ]; then
        [ -n "$kept" ] || say "Spendlight was removed. Your data is still in:"
        kept=yes
        say "  $folder"
    fi
done
if [ -d "$share/spendlight" ]; then
    say "The first contains the ledger, with the usage from logs that Claude Code has deleted."
elif [ -z "$kept" ]; then
    say "Spendlight is removed."
fi
