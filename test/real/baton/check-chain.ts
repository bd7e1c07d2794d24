import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { chainDifferences } from '../devnet/observe.ts'
import { rpc } from '../devnet/rpc.ts'
import { until } from '../devnet/wait.ts'
import type { Rig } from './rig.ts'

/**
 * What must hold after everything: each number was acknowledged with one hash only, and that block
 * is on every node's chain; all nodes have one chain; the archive has each committed block once.
 */
export async function checkChain({ devnet, wire, ports, objectsFolder }: Rig): Promise<void> {
  const head = await ports.heads.read(ports.chain.id)
  if (!head) throw new Error('the chain has no head')
  const upto = Number(head.number)
  await until(
    `every node has block ${upto}`,
    async () => {
      const latest = await Promise.all(devnet.hosts.map((host) => rpc<string>(host.executionUrl, 'eth_blockNumber')))
      return latest.every((number) => Number(number) >= upto)
    },
    { within: 30_000, every: 200 },
  )
  expect(await chainDifferences(devnet.hosts, upto)).toEqual([])

  const canonical = async (number: number) => {
    const block = await rpc<{ hash: string }>(devnet.hosts[0]?.executionUrl ?? '', 'eth_getBlockByNumber', [
      `0x${number.toString(16)}`,
      false,
    ])
    return block.hash
  }
  const acknowledged = new Map<number, string>()
  for (const { number, hash } of wire.acknowledged.filter((each) => each.number <= upto)) {
    expect(acknowledged.get(number) ?? hash, `block ${number} was acknowledged twice`).toBe(hash)
    acknowledged.set(number, hash)
  }
  for (const [number, hash] of acknowledged) expect(await canonical(number), `block ${number}`).toBe(hash)

  const archived = await readdir(join(objectsFolder, ports.chain.id, 'payloads'))
  for (const number of acknowledged.keys()) {
    if (number >= upto) continue
    const folder = String(number).padStart(12, '0')
    expect(archived, `block ${number} is archived`).toContain(folder)
    const files = await readdir(join(objectsFolder, ports.chain.id, 'payloads', folder))
    expect(files).toEqual([`${acknowledged.get(number)}.json.zst`])
  }
}
