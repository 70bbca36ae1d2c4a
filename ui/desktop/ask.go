package desktop

import (
	"time"

	"cornetta/dialer/status"
)

// Question is what the desktop itself asks, where Cornetta has no windows. Its texts are
// plain, without markup.
type Question struct {
	Title   string
	Body    string
	Answers []string // the buttons that say yes, each to something of its own
	No      string   // the button that does not

	// A yes within Wait after the question came up is none; one that comes too early begins
	// the wait again, which then is LongWait.
	Wait, LongWait time.Duration
	Early          string        // what is said beside Body after such a yes, where it could be given at all
	Expire         time.Duration // after so long without an answer there is none: ErrNoAnswer

	Quiet bool // it may wait: it obeys "do not disturb", takes nobody's keyboard, and is kept where what was missed is

	Changes <-chan string // another Body; nil: it stays
	Shown   func()        // called when the question is on the screen; it must not block
}

// Refused is the answer that is none of a Question's.
const Refused = -1

// ErrNoQuestion is why Ask could not ask: there is nobody who would show a question, or
// nobody who could tell the answer.
var ErrNoQuestion = status.NewError(status.CodeNoQuestion, "desktop: nobody here asks questions")

// ErrNoAnswer is why Ask returned without an answer: nobody gave one in time.
var ErrNoAnswer = status.NewError(status.CodeNotAnswered, "desktop: a question was not answered")

// maxHasty is how often a question comes up again after a yes that was too early.
const maxHasty = 5
