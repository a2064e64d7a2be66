# Completes the commands of spendlight in bash.

_spendlight_complete() {
    local current="" line kind="" lead="" word quoted
    local -a words=()
    COMPREPLY=()
    # What was split at "=" and ":" is one word to the program.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ ${#words[@]} -gt 0 && ( $word == [=:]* || ${words[${#words[@]}-1]} == *[=:] ) ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
    done
    if [[ ${#words[@]} -gt 0 ]]; then
        current=${words[${#words[@]}-1]}
        unset "words[${#words[@]}-1]"
    fi
    if [[ $current == *=* && $COMP_WORDBREAKS == *=* ]]; then
        lead=${current%"${current##*=}"}
    fi
    while IFS= read -r line; do
        if [[ -z $kind ]]; then
            kind=$line
        else
            # Bash inserts a word as it is given, and would run what is in the name of a folder.
            line=${line%%$'\t'*}
            printf -v quoted %q "${line#"$lead"}"
            if [[ $line == "$current"* || $quoted == "${current#"$lead"}"* ]]; then
                COMPREPLY+=("$quoted")
            fi
        fi
    done < <("${1/#\~\//$HOME/}" __complete "=$current" "${words[@]}" 2>/dev/null </dev/null)
    case $kind in
        # The bash of macOS is too old for compopt, and then names with blanks are not completed.
        files) compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "${current#"$lead"}")) ;;
        folders) compopt -o dirnames 2>/dev/null || COMPREPLY=($(compgen -d -- "${current#"$lead"}")) ;;
        *) [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null ;;
    esac
    return 0
}

complete -F _spendlight_complete spendlight
