import { type KnownBlock, type Proof, provePayload } from '../chain/prove-payload.ts'
import { BatonError } from '../errors.ts'
import { unpackPayload } from './payload.ts'

/** A packed payload as it turned out to be: its JSON text, unless it is something else. */
type Opened = Exclude<Proof, { proof: 'other' }> & { readonly envelope: string }

/** What was found under a block's name: see {@link Proof}. */
type Judged = Opened | Extract<Proof, { proof: 'other' }>

/** Unpacks what is kept under a block's name and proves that it is the block; never throws. */
export async function openPayload(packed: Uint8Array, block: KnownBlock): Promise<Judged> {
  try {
    return await judgeEnvelope(await unpackPayload(packed), block)
  } catch (error) {
    if (error instanceof BatonError) return { proof: 'other', problem: error.message }
    throw error
  }
}

/** Proves that an envelope (JSON text) is a block. */
export async function judgeEnvelope(envelope: string, block: KnownBlock): Promise<Judged> {
  const proof = await provePayload(parse(envelope), block)
  return proof.proof === 'other' ? proof : { ...proof, envelope }
}

function parse(envelope: string): unknown {
  try {
    return JSON.parse(envelope)
  } catch {
    return undefined
  }
}
