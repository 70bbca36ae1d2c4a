package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// quoted is s for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// subcommands are those that n can be followed by.
func subcommands(n *kong.Node) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(n.Children), func(c *kong.Node) bool { return c.Hidden })
}

func nameOf(n *kong.Node) string { return n.Name }

func mapped[T, U any](list []T, f func(T) U) []U {
	var out []U
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

// completed is what prints, each on a line, what can stand in the place of an argument of
// n, or behind the option f; "" where nobody knows.
func completed(n *kong.Node) string {
	for _, p := range n.Positional {
		if by := p.Tag.Get("completes"); by != "" {
			return "cornetta " + by + " 2>/dev/null"
		}
	}
	return ""
}

func completedFlag(f *kong.Flag) string {
	if by := f.Tag.Get("completes"); by != "" {
		return "cornetta " + by + " 2>/dev/null"
	}
	return ""
}

// reaching are the options that count in n: its own, and those of all above it.
func reaching(n *kong.Node) []*kong.Flag {
	var all []*kong.Flag
	for ; n != nil; n = n.Parent {
		all = append(all, options(n)...)
	}
	return all
}

func (d describer) bash() {
	d.line(`# Completion of cornetta in bash.
_cornetta() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= word choices=
	# Bash takes --option=value apart.
	if [ "$cur" = = ]; then
		cur=
	elif [ "$prev" = = ]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case "$path$word" in`)
	for _, n := range commands(d.root) {
		d.line("\t\t%s) path=%s ;;", quoted(n.Path()), quoted(n.Path()+" "))
	}
	d.line("\t\tesac\n\tdone\n\tcase \"$path\" in")
	for _, n := range append([]*kong.Node{d.root}, commands(d.root)...) {
		path := n.Path()
		if n != d.root {
			path += " "
		}
		choices := mapped(subcommands(n), nameOf)
		for _, f := range reaching(n) {
			choices = append(choices, optionNames(f)...)
		}
		d.line("\t%s) choices=%s ;;", quoted(path), quoted(strings.Join(choices, " ")))
	}
	d.line("\tesac\n\tcase \"$path$prev\" in")
	for _, n := range commands(d.root) {
		for _, f := range options(n) {
			if takesValue(f) {
				d.line("\t%s) choices=%s ;;", quoted(n.Path()+" --"+f.Name), quoted(strings.Join(values(f), " ")))
			}
		}
	}
	d.line("\tesac\n\tCOMPREPLY=($(compgen -W \"$choices\" -- \"$cur\"))")
	// What people called something is not for compgen, which would expand it.
	d.line("\twhile IFS= read -r word; do\n\t\t[ \"${word:0:${#cur}}\" = \"$cur\" ] && COMPREPLY+=(\"$(printf %%q \"$word\")\")\n\tdone < <(case \"$path$prev\" in")
	for _, n := range commands(d.root) {
		last := n.Path() + " " + n.Name
		if by := completed(n); by != "" {
			d.line("\t\t%s) %s ;;", quoted(last), by)
		}
		for _, f := range options(n) {
			if by := completedFlag(f); by != "" {
				d.line("\t\t%s) %s ;;", quoted(n.Path()+" --"+f.Name), by)
			}
		}
	}
	d.line("\tesac)\n}\ncomplete -F _cornetta cornetta")
}

// zshText is s inside of the brackets of zsh's _arguments.
var zshText = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `:`, `\:`)

func (d describer) zsh() {
	d.line("#compdef cornetta")
	for _, n := range slices.Backward(append([]*kong.Node{d.root}, commands(d.root)...)) {
		d.line("%s() {\n\tlocal state line\n\t_arguments -C \\", zshFunction(n))
		for _, f := range reaching(n) {
			value := ""
			if takesValue(f) {
				value = "=:" + zshText.Replace(f.FormatPlaceHolder()) + ":"
				if of := values(f); of != nil {
					value += "(" + strings.Join(of, " ") + ")"
				} else if by := completedFlag(f); by != "" {
					value += zshLines(by)
				}
			}
			for _, name := range optionNames(f) {
				given, more, _ := strings.Cut(value, ":")
				if value != "" {
					more = ":" + more
				}
				d.line("\t\t%s \\", quoted(name+given+"["+zshText.Replace(f.Help)+"]"+more))
			}
		}
		below := subcommands(n)
		if len(below) == 0 {
			rest := "'*: :'"
			if by := completed(n); by != "" {
				rest = quoted("*: :" + zshLines(by))
			}
			d.line("\t\t%s\n}", rest)
			continue
		}
		d.line("\t\t'1: :->command' '*:: :->rest'\n\tcase $state in\n\tcommand)\n\t\tlocal -a commands=(")
		for _, c := range below {
			d.line("\t\t\t%s", quoted(c.Name+":"+c.Help))
		}
		d.line("\t\t)\n\t\t_describe -t commands command commands ;;\n\trest)\n\t\tcase $line[1] in")
		for _, c := range below {
			d.line("\t\t%s) %s ;;", c.Name, zshFunction(c))
		}
		d.line("\t\tesac ;;\n\tesac\n}")
	}
	d.line("_cornetta \"$@\"")
}

// zshLines is an action that offers the lines which a command prints.
func zshLines(by string) string {
	return `{local -a lines; lines=(${(f)"$(` + by + `)"}); compadd -a lines}`
}

func zshFunction(n *kong.Node) string {
	return strings.ReplaceAll(strings.TrimSpace("_cornetta "+n.Path()), " ", "_")
}

func (d describer) fish() {
	d.line("# Completion of cornetta in fish.\ncomplete -c cornetta -f")
	for _, n := range append([]*kong.Node{d.root}, commands(d.root)...) {
		var where []string
		for _, name := range strings.Fields(n.Path()) {
			where = append(where, "__fish_seen_subcommand_from "+name)
		}
		below := subcommands(n)
		here := append(slices.Clone(where), "not __fish_seen_subcommand_from "+strings.Join(mapped(below, nameOf), " "))
		for _, c := range below {
			d.line("complete -c cornetta -n %s -a %s -d %s", quoted(strings.Join(here, "; and ")), c.Name, quoted(c.Help))
		}
		if by := completed(n); by != "" {
			d.line("complete -c cornetta -n %s -a %s", quoted(strings.Join(where, "; and ")), quoted("("+by+")"))
		}
		for _, f := range options(n) {
			s := "complete -c cornetta"
			if len(where) > 0 {
				s += " -n " + quoted(strings.Join(where, "; and "))
			}
			s += " -l " + f.Name
			if f.Short != 0 {
				s += " -s " + string(f.Short)
			}
			if takesValue(f) {
				s += " -r"
			}
			if of := values(f); of != nil {
				s += " -a " + quoted(strings.Join(of, " "))
			} else if by := completedFlag(f); by != "" {
				s += " -a " + quoted("("+by+")")
			}
			d.line("%s -d %s", s, quoted(f.Help))
		}
	}
}
