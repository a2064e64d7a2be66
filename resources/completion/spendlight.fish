# Completes the commands of spendlight in fish.

function __spendlight_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer ($words[1] __complete "=$current" $words[2..-1] 2>/dev/null </dev/null)
    set -l lead (string match -r -- '^--[^=]*=' $current)
    set -l place (string replace -r -- '^--[^=]*=' '' $current)
    switch "$answer[1]"
        case files
            complete -C "'' $place" | string replace -r -- '^' "$lead"
        case folders
            complete -C "'' $place" | string match -r -- '.*/$' | string replace -r -- '^' "$lead"
        case values
            printf '%s\n' $answer[2..-1]
    end
end

complete --command spendlight --no-files --arguments '(__spendlight_complete)'
