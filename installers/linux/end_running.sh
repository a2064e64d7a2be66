# Asks every process of the program in the folder $1 to end, as its menu would, and waits for them
# some seconds. Whoever may not look at a process leaves it alone; so does a container's host.
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
            # shellcheck disable=SC2086 # they are numbers
            kill $running 2>/dev/null || true
        fi
        sleep 1
    done
}
