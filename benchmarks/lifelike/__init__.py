"""Logs like real ones, in several data folders, with the truth about them.

`spendlight.demo` writes what one program would write that is always used in the same way. Real
folders differ: few of their lines hold usage, many repeat what a subagent's log says, sessions are
resumed, and copied to other projects and machines. The figures that all of this is made to
(`figures`) were measured on real folders.
"""
