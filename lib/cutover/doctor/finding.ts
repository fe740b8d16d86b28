/** Something that the doctor can write at Stytch. */
export type Fix = {
  /** Tells the operator in one sentence what `apply` writes. */
  text: string
  apply(): Promise<void>
}

export type Outcome =
  | { state: 'ok'; text: string }
  /** `where` is the environment variable or the place in the dashboard where the operator changes it. */
  | { state: 'problem' | 'warning'; text: string; where: string; fix?: Fix }
  /** The doctor could not find out. `where` is empty when the operator can only try again. */
  | { state: 'unchecked'; text: string; where: string }

/** `code` is stable: scripts may read it. */
export type Finding = Outcome & { code: string }

export type Check = { code: string; run(): Outcome | Promise<Outcome> }

export const ok = (text: string): Outcome => ({ state: 'ok', text })

export const problem = (text: string, where: string, fix?: Fix): Outcome => ({
  state: 'problem',
  text,
  where,
  fix,
})

export const warning = (text: string, where: string): Outcome => ({ state: 'warning', text, where })

export const unchecked = (text: string, where = ''): Outcome => ({
  state: 'unchecked',
  text,
  where,
})
