// Package tracker follows one call from the request to its end.
//
// A Call is a pure state machine: typed AMI events and the passing of time go
// in, a Snapshot comes out, and nothing else happens. It has no goroutine and
// no clock; its owner (the Dialer) feeds it from one goroutine and asks
// Deadline when to call Tick.
//
// # What a click-to-call looks like
//
// The Originate makes a pair of Local channels. Half two runs the context
// that rings the person's own phone (the own side), half one is sent to the
// number once the phone is picked up (the far side):
//
//	own phone ◄── Local;2 ══ Local;1 ──► trunk or colleague
//
// When voice flows the PBX joins the two phones directly and hangs up the Local
// pair while the call goes on. So a call is the set of all channels that
// were born of it, and it is over when that set is empty; the side of a
// channel is the side of the channel that dialled it.
//
// Asterisk 11 takes no ids for the channels of a request and has no LinkedID: there
// the Local pair is known by its name, and by the caller that it shows
// (ours11, named11, pair11).
//
// # Who has answered
//
// The own side has when Originate or the Local pair says so, the far side when
// Local;1, or the own phone in its place, is in one bridge with what it called. A
// phone that is up is no answer by itself: a follow-me may want it confirmed, and
// then Dial, FollowMe and Queue each send ANSWER at another moment. Only where a PBX
// sends no events of bridges does DialEnd count.
//
// Where nobody is called and the own phone is picked up it is a service of the PBX,
// after serviceAfter, unless the PBX reports that it plays a tone (Busy, Congestion)
// or something before any answer (Progress). It reports both as if Local;2 were
// dialled without a dialling channel (pbxPlays). These are never an answer.
//
// # Where the outcome comes from
//
// DialEnd says what a phone did; where it is vague (and NOANSWER is: it stands for
// most refusals) the Hangup cause of the same leg tells, by the table in causes.go.
// Other legs of the call may have other causes. "No answer" is said of what rang
// only. Each side keeps all its attempts, and the best explanation among them counts.
//
// No end is told while a channel of the call lives: a dialplan goes on after a
// failure to a tone, an announcement, another trunk or a mailbox. Where a call
// lives on, the state goes back to AnsweredOwn a moment (grace) after the failure
// and the cause is told with it, so that the person knows soon; it is withdrawn
// when somebody else is called or the PBX answers. Mostly the channels end within
// that moment, and the call with them. The own side's failure is final as soon as
// OriginateResponse or the pair's DialEnd has told it.
//
// Who ended a call that nobody answered is told by the order in which the own phone
// and Local;2 leave their bridge.
//
// The tests replay recordings of Asterisk 16 and 22, and a hand-written
// Asterisk 11 stream, and shuffle and repeat what may come out of order.
package tracker
