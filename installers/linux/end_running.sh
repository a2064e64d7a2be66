# Asks every process of the program in folder $1 to end, like "Quit" in its menu, and waits a few
# seconds for them. Processes that we may not inspect, or that run in a container, are left alone.
end_running() {
    for second in 0 1 2 3 4 5; do
        running=
        for process in /proc/[0-9]*; do
            case $(readlink "$process/exe" 2>/dev/null) in
                "$1/spendlight" | "$1/spendlight (deleted)") ;;
                "$1/spendlight-tray" | "$1/spendlight-tray (deleted)") ;;
                *) continue ;;
            esac
            if [ "$process/root" -ef / ]; then
                running="$running ${process#/proc/}"
            fi
        done
        if [ -z "$running" ]; then
            return 0
        fi
        if [ "$second" -eq 0 ]; then
            # shellcheck disable=SC2086 # a list of numbers
            kill $running 2>/dev/null || true
        fi
        sleep 1
    done
}
