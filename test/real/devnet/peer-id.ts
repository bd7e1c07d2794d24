import { createECDH } from 'node:crypto'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A host's p2p key: fixed, so that its peers know its name before it runs. */
export function p2pKey(hostIndex: number): string {
  return (0x11 * (hostIndex + 1)).toString(16).padStart(2, '0').repeat(32)
}

/** The libp2p name of a secp256k1 key: base58 of the identity multihash of its public key's protobuf. */
export function peerId(key: string): string {
  const ecdh = createECDH('secp256k1')
  ecdh.setPrivateKey(key, 'hex')
  const identity = [0x00, 0x25, 0x08, 0x02, 0x12, 0x21]
  return base58(Buffer.concat([Buffer.from(identity), ecdh.getPublicKey(null, 'compressed')]))
}

/** The address a peer dials. */
export function multiaddr(hostIndex: number, port: number): string {
  return `/ip4/127.0.0.1/tcp/${port}/p2p/${peerId(p2pKey(hostIndex))}`
}

/** The address an execution client's peer dials. */
export function enode(key: string, port: number): string {
  const ecdh = createECDH('secp256k1')
  ecdh.setPrivateKey(key, 'hex')
  return `enode://${ecdh.getPublicKey('hex').slice(2)}@127.0.0.1:${port}`
}

/** The name of a node that does not run, in the form discovery knows. */
export function absentPeer(): string {
  return enode('0b'.repeat(32), 30303)
}

function base58(bytes: Buffer): string {
  let number = BigInt(`0x${bytes.toString('hex')}`)
  let digits = ''
  for (; number > 0n; number /= 58n) digits = `${ALPHABET[Number(number % 58n)]}${digits}`
  const zeros = bytes.findIndex((byte) => byte !== 0)
  return '1'.repeat(zeros) + digits
}
