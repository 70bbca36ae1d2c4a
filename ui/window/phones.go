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
	if r.phone != s { // drawing it costs more than all else in a row
		r.phone = s
		if showIf(r.sign, ok); ok {
			r.sign.SetResource(tint(sign.shape, sign.color))
		}
	}
	if !ok {
		return ""
	}
	return words.PhoneState(s)
}

// sign is how a state looks.
type sign struct {
	shape fyne.Resource
	color fyne.ThemeColorName
}

// phoneSigns tell the states apart also without colours: a tick, a bell, a bar in a disc, a
// bar in a ring, and a question mark. A path that runs the other way round makes a hole.
var phoneSigns = map[status.PhoneState]sign{
	status.PhoneFree: {fyne.NewStaticResource("phone-free.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M12 2C6.5 2 2 6.5 2 12C2 17.5 6.5 22 12 22C17.5 22 22 17.5 22 12C22 6.5 17.5 2 12 2zM12 4C16.4 4 20 7.6 20 12C20 16.4 16.4 20 12 20C7.6 20 4 16.4 4 12C4 7.6 7.6 4 12 4zM10.6 16.4L6.6 12.4L8 11L10.6 13.6L16 8.2L17.4 9.6z"/></svg>`)), theme.ColorNameSuccess},
	status.PhoneRinging: {fyne.NewStaticResource("phone-ringing.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M12 2.5C8.7 2.5 6 5.2 6 8.5L6 15L3.8 18L20.2 18L18 15L18 8.5C18 5.2 15.3 2.5 12 2.5zM9.5 19.5C9.5 20.9 10.6 22 12 22C13.4 22 14.5 20.9 14.5 19.5z"/></svg>`)), theme.ColorNameWarning},
	status.PhoneBusy: {fyne.NewStaticResource("phone-busy.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M12 2C6.5 2 2 6.5 2 12C2 17.5 6.5 22 12 22C17.5 22 22 17.5 22 12C22 6.5 17.5 2 12 2zM7 10.7L17 10.7L17 13.3L7 13.3z"/></svg>`)), theme.ColorNameError},
	status.PhoneAway: {fyne.NewStaticResource("phone-away.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M12 2C6.5 2 2 6.5 2 12C2 17.5 6.5 22 12 22C17.5 22 22 17.5 22 12C22 6.5 17.5 2 12 2zM12 4C16.4 4 20 7.6 20 12C20 16.4 16.4 20 12 20C7.6 20 4 16.4 4 12C4 7.6 7.6 4 12 4zM7 11L17 11L17 13L7 13z"/></svg>`)), theme.ColorNamePlaceHolder},
	status.PhoneUnknown: {fyne.NewStaticResource("phone-unknown.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M12 2C6.5 2 2 6.5 2 12C2 17.5 6.5 22 12 22C17.5 22 22 17.5 22 12C22 6.5 17.5 2 12 2zM12 4C16.4 4 20 7.6 20 12C20 16.4 16.4 20 12 20C7.6 20 4 16.4 4 12C4 7.6 7.6 4 12 4zM11 16L13 16L13 18L11 18zM12 6C9.8 6 8 7.8 8 10L10 10C10 8.9 10.9 8 12 8C13.1 8 14 8.9 14 10C14 11.4 11 12 11 15L13 15C13 13 16 12.6 16 10C16 7.8 14.2 6 12 6z"/></svg>`)), theme.ColorNamePlaceHolder},
}
