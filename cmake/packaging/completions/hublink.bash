# bash completion for hublink
_hublink() {
  COMPREPLY=()
  local each
  while IFS= read -r each; do
    COMPREPLY+=("$each")
  done < <(hublink complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _hublink hublink
