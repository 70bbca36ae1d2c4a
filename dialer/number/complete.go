package number

import (
	"strconv"
	"strings"

	"cornetta/dialer/number/numbering"
)

// complete goes on with the number that digits stand for which the plan does not
// have as they are, because a + or a zero was lost or put in: by a spreadsheet, by a
// form, by hand. The result is asked about, and where several are possible the person
// picks. It is false, and w unchanged, where none is.
func (w *work) complete(n written) bool {
	if w.completing || w.settled || w.home.code() == 0 {
		return false
	}
	var all []string
	if n.plus {
		all = w.completePlus(n.text)
	} else {
		all = w.completeInland(n)
	}
	var plans []Plan
	var first *work
	for _, text := range all {
		f := w.fork()
		f.completing, f.settled = true, true
		f.ask(ReasonCompleted)
		f.step(RuleComplete, text)
		digits, plus := strings.CutPrefix(text, "+")
		if code := f.route(written{plus: plus, text: digits, public: true}); code != "" || !f.known {
			continue
		}
		own := f.fork()
		own.Input = text
		own.Steps = nil
		own.settle()
		if len(plans) > 0 && own.Dial == plans[0].Dial {
			continue
		}
		plans = append(plans, own.Plan)
		if first == nil {
			first = f
		}
	}
	if first == nil {
		return false
	}
	*w = *first
	w.known, w.Choices = false, plans
	return true
}

// completePlus: a number with a +, or behind 00, that its country does not have.
func (w *work) completePlus(digits string) (all []string) {
	home := strconv.Itoa(w.home.code())
	add := func(text string) {
		if rest, ok := strings.CutPrefix(text, "+"); ok {
			if code, national, ok := callingCode(rest); ok && validAbroad(code, national) {
				all = append(all, text)
			}
		} else if w.home.inland(text).valid {
			all = append(all, text)
		}
	}
	if strings.HasPrefix(digits, "0") { // no country's code does
		add(digits)
		if rest, ok := w.home.cutAbroad(digits); ok {
			add("+" + rest)
		}
		add("+" + strings.TrimLeft(digits, "0"))
		return all
	}
	code, rest, ok := callingCode(digits)
	if !ok {
		return nil
	}
	if n, ok := numbering.International(digits); ok { // with a trunk digit, or as one dials it there
		add("+" + code + n.National)
	}
	if trunk := numbering.Trunk(atoi(code)); trunk != "" {
		if without, ok := strings.CutPrefix(rest, trunk); ok {
			add("+" + code + without)
		}
	}
	if numbering.KeepsZero(atoi(code)) {
		add("+" + code + "0" + rest)
	}
	if zero, ok := strings.CutPrefix(rest, "0"); ok {
		add("+" + code + zero)
	}
	if code == home {
		for _, twice := range []string{home, "00" + home} {
			if again, ok := strings.CutPrefix(rest, twice); ok {
				add("+" + home + again)
			}
		}
	}
	return all
}

// completeInland is for digits without a + that are no number as they are.
func (w *work) completeInland(n written) (all []string) {
	if len(n.text) < enough || len(n.text) > maxPublic {
		return nil
	}
	if strings.HasPrefix(n.text, "00") { // what is dialled for abroad elsewhere
		all = append(all, w.completePlus(n.text)...)
	}
	code, rest, ok := callingCode(n.text)
	if ok && atoi(code) == w.home.code() {
		all = append(all, "+"+n.text)
		if zero, ok := strings.CutPrefix(rest, "0"); ok && habitOf(code) == zeroDropped {
			all = append(all, "+"+code+zero)
		}
		all = append(all, w.completePlus(n.text)...)
	}
	if r := w.home.inland(n.text); r.near {
		all = append(all, r.atHome())
	}
	if w.public && numbering.KeepsZero(w.home.code()) && w.home.inland("0"+n.text).valid {
		all = append(all, "0"+n.text)
	}
	if ok && atoi(code) != w.home.code() && (len(n.text) >= 11 || len(all) == 0 && len(n.text) >= 9 && !w.home.possible(n.text)) && validAbroad(code, rest) {
		all = append(all, "+"+n.text)
	}
	return all
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
