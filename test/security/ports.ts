import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A TCP port a process listens on. */
type Listening = { readonly address: string; readonly port: number }

const LISTEN = '0A'

/** The TCP ports a process listens on, as Linux reports it. */
export function listeningPorts(pid: number): Listening[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return []
      }
    }),
  )
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = '']) => state === LISTEN && sockets.has(inode))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':')
        const bytes = address.match(/../g) ?? []
        const shown =
          bytes.length === 4
            ? bytes
                .toReversed()
                .map((byte) => Number.parseInt(byte, 16))
                .join('.')
            : address
        return { address: shown, port: Number.parseInt(port, 16) }
      }),
  )
}
