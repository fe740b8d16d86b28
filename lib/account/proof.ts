/**
 * How an identity proved its address: docs/identity-proof.md. The proof belongs to one identity, and never to an
 * account as a whole.
 */
export type Proof = {
  /** The key of the session that proved the address, or the rule by which our own backend knows it. */
  by: string
  /** Sessions that started before this time are refused, unless they are proved themselves. */
  at: Date
}

/** Rules by which our own backend knows whose an identity is, so that no session has to prove it. */
export const proofRules = { import: 'import', mirror: 'mirror', disputed: 'disputed' } as const

/** The time of a proof that refuses no session, because only our own backend can have made the identity. */
export const epoch = new Date(0)

/**
 * The proof of an identity whose provider lets in another person, too: somebody proved another address of the same
 * user there. Only a session that proves the address itself opens the identity then.
 */
export const disputed: Proof = { by: proofRules.disputed, at: new Date('9999-01-01T00:00:00Z') }

export const isDisputed = ({ by }: Proof): boolean => by === proofRules.disputed

/** Whether a proof of the same address changes something. */
export const isOpenToProof = (proof: Proof | null): boolean => !proof || isDisputed(proof)

/** The columns of the table `identities`. */
export const columnsOf = (proof: Proof | null) => ({
  emailVerified: proof !== null,
  provedAt: proof?.at ?? null,
  provedBy: proof?.by ?? null,
})

/** The facts about a session that decide whether it opens a proved identity. */
export type SessionFacts = {
  /** A hash of the session's id. */
  key: string
  startedAt: Date
}

/**
 * The session of an identity may be another person's: it began before the identity proved its address, and did not
 * prove the address itself. It must open nothing.
 */
export class SessionUnproved extends Error {
  readonly code = 'session_unproved'
  constructor() {
    super('The session began before its address was proved, and did not prove it.')
    this.name = 'SessionUnproved'
  }
}

/**
 * Whether a session may open an identity. An unproved identity has an account of its own, so any of its sessions may.
 * @param isProof whether this session proves the address itself
 */
export const opensIdentity = (
  proof: Proof | null,
  { key, startedAt }: SessionFacts,
  isProof: boolean,
): boolean => !proof || isProof || proof.by === key || startedAt >= proof.at
