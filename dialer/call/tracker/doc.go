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
// When voice flows the PBX joins the two phones directly and hangs the Local
// pair up while the call goes on. So a call is the set of all channels that
// were born of it, and it is over when that set is empty; the side of a
// channel is the side of the channel that dialled it.
//
// Asterisk 11 takes no ids for the channels of a request and tells of no LinkedID:
// there the Local pair is known by its name, and by what it shows of its caller
// (ours11, named11, pair11).
//
// # Where the outcome comes from
//
// DialEnd says what a phone did; Hangup causes differ between the legs of one
// and the same call and are only used where DialEnd is vague. A dialplan may
// try another trunk after the first one failed, so a failed leg becomes a
// failed call only when nothing new is dialled for a moment (grace).
//
// The tests replay recordings of Asterisk 16 and 22, and a hand-written
// Asterisk 11 stream, and shuffle and repeat what may come out of order.
package tracker
