const messages = {
  live_keys: 'The keys are those of a live project. Add --live if you mean it.',
  run_unknown: 'There is no run with this id. `npm run backfill -- plan` prints it.',
  teams_missing:
    'Organizations need the keys of the B2B project at Stytch, and AUTH0_TEAM_CLIENT_ID and its secrets.',
  management_missing: 'This command reads Auth0 by AUTH0_MANAGEMENT_CLIENT_ID, which is not set.',
  organization_unknown: 'Auth0 has no organization with the id or name of --only.',
  hashes_changed: 'The import began with another file of hashes. Finish it with that file first.',
  run_undone: 'The run was undone. Plan the files again.',
  users_missing:
    'Most users of the file are missing at Auth0. Check AUTH0_DOMAIN, or add --skip-check if you mean it.',
  run_paused:
    'The run is paused. Resume it in the control room, or with `npm run backfill -- resume --run ID`.',
  run_not_running: 'Only an import that runs can be paused, and only a paused one can be resumed.',
  run_too_old: 'The events that say who has used an account are kept for 100 days only.',
}

/** A command of the backfill that must not start. */
export class BackfillRefused extends Error {
  readonly code: keyof typeof messages
  constructor(code: keyof typeof messages) {
    super(messages[code])
    this.name = 'BackfillRefused'
    this.code = code
  }
}
