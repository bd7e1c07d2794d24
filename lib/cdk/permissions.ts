import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { BatonStore } from './store.ts'

/** The items and objects of a statement: lists by chain. */
export type ChainKeys = { list(render: (chain: string) => string[]): string[] }

/** A table action on the items of these chains only; without the condition it would reach other chains' items too. */
function onItems(tables: string | string[], actions: readonly string[], keys: string[]): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [tables].flat(),
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } },
  })
}

const ownKeys = (chains: ChainKeys) => chains.list((chain) => [chain])
const leaseKeys = (chains: ChainKeys) => chains.list((chain) => [chain, `monitor#${chain}`])

/**
 * What IAM can separate in DynamoDB. Commit and fence are the same action on the same item (both are UpdateItem, and
 * both name the leader), so IAM cannot distinguish them. A gate cannot grant because it cannot write Leases,
 * where a grant begins.
 */
export const permissions = {
  readHeads: (store: BatonStore, chains: ChainKeys) => onItems(store.heads.tableArn, ['GetItem'], ownKeys(chains)),
  writeHeads: (store: BatonStore, chains: ChainKeys) => onItems(store.heads.tableArn, ['UpdateItem'], ownKeys(chains)),
  readLeases: (store: BatonStore, chains: ChainKeys) => onItems(store.leases.tableArn, ['GetItem'], leaseKeys(chains)),
  writeLeases: (store: BatonStore, chains: ChainKeys) =>
    onItems(store.leases.tableArn, ['UpdateItem'], leaseKeys(chains)),
  /** Heads and leases of many chains in one request each. */
  readTogether: (store: BatonStore, chains: ChainKeys) => [
    onItems(store.heads.tableArn, ['BatchGetItem'], ownKeys(chains)),
    onItems(store.leases.tableArn, ['BatchGetItem'], leaseKeys(chains)),
  ],
  readHistory: (store: BatonStore, chains: ChainKeys) => onItems(store.history.tableArn, ['Query'], ownKeys(chains)),
  appendHistory: (store: BatonStore, chains: ChainKeys) =>
    onItems(store.history.tableArn, ['PutItem'], ownKeys(chains)),
  /** The lease on re-sequencing a chain. */
  holdResequence: (store: BatonStore, chains: ChainKeys) =>
    onItems(
      store.leases.tableArn,
      ['UpdateItem'],
      chains.list((chain) => [`monitor#resequence/${chain}`]),
    ),
  /** The journals of re-sequencing runs: read and add entries. */
  keepJournals: (store: BatonStore, chains: ChainKeys) =>
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: chains.list((chain) => [store.bucket.arnForObjects(`resequence/${chain}/*`)]),
    }),
  putObjects: (store: BatonStore, chains: ChainKeys, ...kinds: ObjectKind[]) =>
    new PolicyStatement({ actions: ['s3:PutObject'], resources: objects(store, chains, kinds) }),
  getObjects: (store: BatonStore, chains: ChainKeys, ...kinds: ObjectKind[]) =>
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: objects(store, chains, kinds),
    }),
  /** The archive: small payloads are items, larger ones objects. */
  readArchive: (store: BatonStore, chains: ChainKeys) => [
    onItems(store.payloads.tableArn, ['GetItem', 'Query'], ownKeys(chains)),
    permissions.getObjects(store, chains, 'spill', 'payloads'),
  ],
  /** Who committed the archived blocks, and when. */
  listCommits: (store: BatonStore, chains: ChainKeys) => onItems(store.payloads.tableArn, ['Query'], ownKeys(chains)),
  /** Whether the archive has anything, which no other record may show any more. */
  listArchive: (store: BatonStore, chains: ChainKeys) => [
    permissions.listCommits(store, chains),
    permissions.missObjects(store),
  ],
  /**
   * The heads and the archive in one statement: a role's rights hold 10,240 characters, and each statement lists all
   * chains. A query of Heads reads nothing that `GetItem` does not.
   */
  readHeadsAndArchive: (store: BatonStore, chains: ChainKeys) => [
    onItems([store.heads.tableArn, store.payloads.tableArn], ['GetItem', 'Query'], ownKeys(chains)),
    permissions.getObjects(store, chains, 'spill', 'payloads'),
  ],
  writeArchive: (store: BatonStore, chains: ChainKeys) => [
    onItems(store.payloads.tableArn, ['PutItem'], ownKeys(chains)),
    permissions.putObjects(store, chains, 'payloads'),
  ],
  /** Without this, S3 answers "access denied" for a missing object. */
  missObjects: (store: BatonStore) =>
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [store.bucket.bucketArn] }),
} as const

/**
 * What a monitor may do, wherever it runs. `objects`: the chains whose objects it may read, when they are not named one
 * by one.
 */
export function monitoring(store: BatonStore, chains: ChainKeys, objects: ChainKeys = chains): PolicyStatement[] {
  const { readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory } = permissions
  const onRecords = [readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory]
  return [
    ...onRecords.map((allow) => allow(store, chains)),
    ...permissions.readTogether(store, chains),
    onItems(store.payloads.tableArn, ['GetItem', 'Query'], ownKeys(chains)),
    permissions.getObjects(store, objects, 'spill', 'payloads', 'sightings'),
    permissions.missObjects(store),
  ]
}

/** The kinds of objects: payloads too large for the head item, the archive, and the standbys' calls to the gate. */
export type ObjectKind = 'spill' | 'payloads' | 'sightings'

function objects({ bucket }: BatonStore, chains: ChainKeys, kinds: readonly ObjectKind[]): string[] {
  return chains.list((chain) => kinds.map((kind) => bucket.arnForObjects(`${chain}/${kind}/*`)))
}
