"""Logs like real ones, in several data folders, with their true totals.

`spendlight.demo` writes the logs of one program that is always used in the same way. Real folders
differ: few of their lines contain usage, many repeat lines of a subagent's log, sessions are
resumed, and copied to other projects and machines. The target figures (`figures`) were measured on
real folders.
"""
