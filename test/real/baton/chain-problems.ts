import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chainDifferences } from '../devnet/observe.ts'
import { rpc } from '../devnet/rpc.ts'
import { until } from '../devnet/wait.ts'
import type { Rig } from './rig.ts'

/**
 * What is wrong with the chain, after whatever happened to it; nothing, if each number was acknowledged with
 * one hash only, that block is on every node's chain, all nodes have one chain, and the archive has each
 * committed block once.
 */
export async function chainProblems({ devnet, wire, ports, objectsFolder }: Rig): Promise<string[]> {
  const head = await ports.heads.read(ports.chain.id)
  if (!head) return ['the chain has no head']
  const upto = Number(head.number)
  await until(
    `every node has block ${upto}`,
    async () => {
      const latest = await Promise.all(devnet.hosts.map((host) => rpc<string>(host.executionUrl, 'eth_blockNumber')))
      return latest.every((number) => Number(number) >= upto)
    },
    { within: 60_000, every: 200 },
  )
  const problems = (await chainDifferences(devnet.hosts, upto)).map((difference) => JSON.stringify(difference))

  const acknowledged = new Map<number, string>()
  for (const { number, hash } of wire.acknowledged.filter((each) => each.number <= upto)) {
    if ((acknowledged.get(number) ?? hash) !== hash) problems.push(`block ${number} was acknowledged with two hashes`)
    acknowledged.set(number, hash)
  }
  const url = devnet.hosts[0]?.executionUrl ?? ''
  const archived = new Set(await readdir(join(objectsFolder, ports.chain.id, 'payloads')))
  for (const [number, hash] of acknowledged) {
    const block = await rpc<{ hash: string } | null>(url, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
    if (block?.hash !== hash) problems.push(`block ${number} is ${block?.hash}, ${hash} was acknowledged`)
    if (number >= upto) continue
    const folder = String(number).padStart(12, '0')
    const files = archived.has(folder) ? await readdir(join(objectsFolder, ports.chain.id, 'payloads', folder)) : []
    if (files.join() !== `${hash}.json.zst`) problems.push(`block ${number} is archived as "${files.join()}"`)
  }
  return problems
}
