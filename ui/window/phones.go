package window

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

const (
	// phonesEvery is the time from one piece of news to the next question, phonesPause that
	// after an answer that was none.
	phonesEvery = 100 * time.Millisecond
	phonesPause = 5 * time.Second
)

// phones are the phones of colleagues, as the agent tells them while a window is open that
// shows them. But for follow it belongs to Fyne's goroutine.
type phones struct {
	app  *App
	view channel.ColleaguesView // the newest; what has changed is in by
	by   map[string]channel.Colleague

	shows map[fyne.Window]func() // draws what is new
	stop  context.CancelFunc     // ends follow; nil: it does not run
	turn  int                    // tells its news from those of one before
}

func newPhones(a *App) *phones {
	return &phones{app: a, by: map[string]channel.Colleague{}, shows: map[fyne.Window]func(){}}
}

// look has w show the phones from now on, until leave or until it is hidden: draw is called
// with each change.
func (p *phones) look(w fyne.Window, draw func()) {
	if p.shows[w] != nil {
		return
	}
	p.shows[w] = draw
	p.follow()
}

func (p *phones) leave(w fyne.Window) {
	if p.shows[w] == nil {
		return
	}
	delete(p.shows, w)
	if len(p.shows) == 0 {
		p.end()
		clear(p.by)
		p.view = channel.ColleaguesView{}
	}
}

func (p *phones) end() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
}

// again asks for all of them anew.
func (p *phones) again() {
	if p.stop != nil {
		p.end()
		p.follow()
	}
}

func (p *phones) follow() {
	if p.stop != nil {
		return
	}
	p.turn++
	turn, agent, do := p.turn, p.app.agent, p.app.env.Do
	p.stop = p.app.behind(func(ctx context.Context) {
		var known channel.ColleaguesParams
		for ctx.Err() == nil {
			v, problem := channel.Call(ctx, agent, channel.Colleagues, known)
			if ctx.Err() != nil {
				return
			}
			wait := phonesEvery
			switch {
			case problem != nil:
				v, wait = channel.ColleaguesView{Problem: problem}, phonesPause
				known = channel.ColleaguesParams{}
			default:
				first := known == channel.ColleaguesParams{}
				v.Anew = v.Anew || first
				known = channel.ColleaguesParams{Since: v.Seq, Told: v.Told, Live: v.Live}
				if v.Problem != nil {
					known.Code = v.Problem.Code
				}
				if v.More {
					wait = 0
				}
			}
			do(func() { p.take(turn, v) })
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
	})
}

// take takes in what is new.
func (p *phones) take(turn int, v channel.ColleaguesView) {
	if turn != p.turn || len(p.shows) == 0 {
		return
	}
	if v.Anew {
		clear(p.by)
	}
	for _, c := range v.Changed {
		p.by[c.Number] = c
	}
	if !v.Live {
		for number, c := range p.by {
			c.State = status.PhoneUnknown
			p.by[number] = c
		}
	}
	p.view = v
	p.view.Changed = nil
	for _, draw := range p.shows {
		draw()
	}
}

// waited reports whether one is told when somebody is free.
func (p *phones) waited(number string) bool {
	for _, n := range p.view.Waited {
		if n == number {
			return true
		}
	}
	return false
}

// drawPhone shows how a phone stands, by a shape, and returns it in a word; "" for none.
func drawPhone(r *pickRow, s status.PhoneState) string {
	sign, ok := phoneSigns[s]
	showIf(r.sign, ok)
	if !ok {
		return ""
	}
	r.sign.SetResource(tint(sign.shape, sign.color))
	return words.PhoneState(s)
}

// sign is how a state looks.
type sign struct {
	shape fyne.Resource
	color fyne.ThemeColorName
}

// phoneSigns tell the states apart also without colours: a tick, a bell, a bar in a disc, a
// bar in a ring, and a question mark.
var phoneSigns = map[status.PhoneState]sign{
	status.PhoneFree: {fyne.NewStaticResource("phone-free.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" fill-rule="evenodd" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM10.6 16.6 6.6 12.6 8 11.2l2.6 2.6 5.4-5.4 1.4 1.4z"/></svg>`)), theme.ColorNameSuccess},
	status.PhoneRinging: {fyne.NewStaticResource("phone-ringing.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" fill-rule="evenodd" d="M12 2.5a6 6 0 0 0-6 6V15l-2.2 3h16.4L18 15V8.5a6 6 0 0 0-6-6zM9.5 19.5a2.5 2.5 0 0 0 5 0z"/></svg>`)), theme.ColorNameWarning},
	status.PhoneBusy: {fyne.NewStaticResource("phone-busy.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" fill-rule="evenodd" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM7 10.7h10v2.6H7z"/></svg>`)), theme.ColorNameError},
	status.PhoneAway: {fyne.NewStaticResource("phone-away.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" fill-rule="evenodd" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM7 11h10v2H7z"/></svg>`)), theme.ColorNamePlaceHolder},
	status.PhoneUnknown: {fyne.NewStaticResource("phone-unknown.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" fill-rule="evenodd" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM11 16h2v2h-2zM12 6a4 4 0 0 0-4 4h2a2 2 0 1 1 3.2 1.6C12 12.5 11 13.3 11 15h2c0-1.1.6-1.5 1.6-2.3A4 4 0 0 0 12 6z"/></svg>`)), theme.ColorNamePlaceHolder},
}
