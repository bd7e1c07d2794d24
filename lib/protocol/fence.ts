import type { Head, NodeName } from './records.ts'
import { all, any, below, equals, type Write } from './write.ts'

/**
 * Makes a granted term effective on the head: from here on the old leader cannot commit, whatever
 * it believes and however long it sleeps. The item this write returns is the old term's final head.
 * Repeating it for the same leader changes nothing that matters, so a crash after it is harmless.
 */
export function fence(leader: NodeName, term: number, at: number): Write<Head> {
  return {
    set: { leader, term, fencedAt: at },
    when: any(below('term', term), all(equals('term', term), equals('leader', leader))),
  }
}
