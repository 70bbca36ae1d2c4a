// Package asterisktest starts a real Asterisk, configured as a KalliopePBX, for
// tests: Asterisk 16 of Debian bullseye or 22 of Debian sid, whatever the
// system underneath. setup.sh makes them once, in the user's cache.
//
// Each PBX is a process of its own with its own directory and its own free
// ports on 127.0.0.1, run without root and without chroot by the dynamic
// loader of the Debian it comes from; so several run side by side. Its numbers
// and account are those of package pbxsim: one suite of calls runs on both.
//
// The phones, and the world behind the trunk, are Asterisk itself: it sends
// their calls over SIP to its own port, where they come back in as calls from
// nobody (PJSIP/anonymous) into the context "handset", which rings, answers
// and plays a tone, or refuses. With a tone flowing Asterisk optimises the
// Local channels of a click-to-call away, as it does on a real PBX.
//
// What answers with a SIP status of its own (pbxsim.Refuser) is a phone inside the
// test (sip.go), because a dial plan can make only some of them. One more
// goroutine speaks for it until Close.
//
// A PBX may be used from any goroutine. Each process has one goroutine that
// waits for its end; Close waits for it. The tests make real calls in both
// versions and both syntaxes and look at the events that decide the outcome.
package asterisktest
