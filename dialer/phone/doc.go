// Package phone is what there is to know of phones that no call of one's own tells: the
// calls that come in at those of one extension, and how those of colleagues stand
// ([Colleagues]).
//
// Both have one source, AMI events, in the session that the Dialer keeps. What is made of
// the calls is told in Snapshots (package call), and whoever shows those does not
// know where they come from, so that a source which serves a whole company from one
// session can take its place.
//
// A [Filter] drops other people's calls on the reader's goroutine, before they are
// decoded: it wants a call only once a phone of the extension is dialled for it, and
// forgets it as soon as that phone has answered, or the call has gone elsewhere. A
// [Tracker] is fed with what the Filter lets through, and is pure: it has no goroutine
// and no clock, and its owner asks Deadline when to call Tick.
//
// # What a call that comes in looks like
//
// Somebody's channel dials the phone, by itself or through Local channels of a group, a
// queue or a follow-me, and all of them have one Linkedid:
//
//	caller ──► Local;1 ══ Local;2 ──► PJSIP/7101
//	      └──► PJSIP/7102 (a colleague in the group)
//
// It rings when the phone does, and not when it is dialled: one that is not connected
// is no call. Whoever answers first has it: a phone of the extension, whichever
// (in_answered), or anybody else, which the DialEnd of that phone tells, or the cause 26
// of ours (in_elsewhere). A call that ends with neither is missed, also where the phone
// was busy and did not ring.
//
// Where the phone has stopped ringing and nobody else's rings, because a mailbox or the
// music of a queue has the call, it is told as missed after missedAfter, and followed on:
// it may ring again, or be answered by a colleague, and is told so then.
//
// What our own requests (and those of any other click-to-call) ring is no call that comes
// in. They are known by the ids that every request of ours asks for, by the Local channel
// of the click-to-call's context, and before Asterisk 12 by the caller name.
//
// The tests replay recordings of the PBXs of packages pbxsim and asterisktest; those two
// are in the tests of package dialer.
package phone
