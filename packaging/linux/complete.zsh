# Prints what zsh would offer after a line that is typed, one a line.
#
#   zsh -f complete.zsh FOLDER LINE
#
# zsh completes only at a terminal, so it is given one, in which what is to be offered is
# printed instead.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= ; fpath=(${(q)1} \$fpath); autoload -U compinit; compinit -u -D"
zpty -w shell 'compadd() {
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
	local -a hits; builtin compadd -A hits "$@"; print -rl -- OFFER:$^hits
}'
zpty -w shell 'bindkey "^I" complete-word; comppostfuncs=(offered); offered() { print END; exit }; print REA""DY'
while zpty -r shell line; do [[ $line == *READY* ]] && break; done
zpty -w -n shell "$2"$'\t'
while zpty -r shell line; do
	[[ $line == *OFFER:* ]] && print -r -- ${${line#*OFFER:}%%$'\r'*}
	[[ $line == END* ]] && break
done
zpty -d shell
