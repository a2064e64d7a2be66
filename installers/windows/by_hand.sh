# How check_nsis.py operates the windows of installer and uninstaller, on a separate display.
# The environment has SETUP and PROGRAM (Windows paths) and UNINSTALLER (a path on this system).
cd /root/files

shown() {
    for _ in $(seq 300); do
        xdotool search --name "$1" && return
        sleep 0.1
    done
    return 1
}

picture() {
    sleep 1
    import -window root "$1.png"
}

wine "$SETUP" &
shown 'Spendlight'
picture options
xdotool key Return
for _ in $(seq 300); do
    test -e "$UNINSTALLER" && break
    sleep 0.1
done
sleep 1
picture finish
xdotool key Return
wait

wine "$PROGRAM\\uninstall.exe" &
shown 'Spendlight'
picture remove
xdotool key Escape
wait
sleep 1
