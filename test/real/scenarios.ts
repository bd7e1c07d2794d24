import type { Rig } from './baton/rig.ts'
import type { Host } from './devnet/host.ts'
import { type BlockWatch, longestGap, watchBlocks } from './devnet/observe.ts'
import { pause, until } from './devnet/wait.ts'

/** What a scenario works with: who leads when it begins, and who follows. */
export type Scene = { readonly rig: Rig; readonly leader: Host; readonly standbys: readonly Host[] }

/** Who leads now, on a healthy chain. */
export async function scene(rig: Rig): Promise<Scene> {
  const name = await rig.healthy()
  const leader = rig.devnet.hosts.find((host) => host.name === name)
  if (!leader) throw new Error(`no host is called ${name}`)
  return { rig, leader, standbys: rig.devnet.hosts.filter((host) => host !== leader) }
}

/** The longest time between two blocks, as a follower saw it while something happened. */
export async function gapDuring(rig: Rig, follower: Host, act: (watch: BlockWatch) => Promise<void>) {
  const watch = watchBlocks(follower.executionUrl)
  try {
    await watch.more(1)
    await act(watch)
    await watch.more(2)
    const gap = longestGap(watch.sightings, rig.devnet.blockTime)
    if (!gap) throw new Error('no two blocks were seen')
    return { ...gap, replaced: watch.replaced }
  } finally {
    await watch.stop()
  }
}

/** Waits until another node than this one has committed in its own term; returns its name. */
export async function anotherLeads({ ports }: Rig, than: string, within = 30_000): Promise<string> {
  return await until(
    `another node than ${than} leads`,
    async () => {
      const head = await ports.heads.read(ports.chain.id)
      return head && head.leader !== than && head.committedTerm === head.term ? head.leader : false
    },
    { within, every: 25 },
  )
}

/** Waits for a moment of the slot, as a share of it after a block was seen: what happens then is the same each time. */
export async function atSlot(watch: BlockWatch, share: number, blockTime: number): Promise<void> {
  await watch.more(1)
  await pause(share * blockTime * 1_000)
}
