import { type ChildProcess, spawn } from 'node:child_process'

// Reads "+ pid" and "- pid". When its input ends, its writer is gone, however it died: then
// everything still on the list is killed.
const REAPER = `
pids=
while read -r sign pid; do
  rest=
  for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done
  pids=$rest
  [ "$sign" = + ] && pids="$pids $pid"
done
[ -z "$pids" ] || kill -9 $pids
`

let reaper: ChildProcess | undefined

/** Makes sure the process does not outlive this one, even if this one is killed. */
export function adopt(pid: number): void {
  send(`+ ${pid}`)
}

/** The process has ended; its id may be given to another one. */
export function release(pid: number): void {
  send(`- ${pid}`)
}

function send(line: string): void {
  if (!reaper) {
    // In a session of its own: an interrupt from the terminal must not end it before its work is due.
    reaper = spawn('/bin/sh', ['-c', REAPER], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    reaper.unref()
    const { stdin } = reaper
    if (stdin && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
    stdin?.on('error', () => {})
  }
  reaper.stdin?.write(`${line}\n`)
}
