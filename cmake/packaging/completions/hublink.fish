# fish completion for hublink
function __hublink_complete
    set -l words (commandline -opc) (commandline -ct)
    hublink complete -- $words[2..-1] 2>/dev/null
end
complete -c hublink -a '(__hublink_complete)'
