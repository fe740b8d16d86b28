import { Field } from '@/app/_ui/field'
import { SubmitButton } from '@/app/_ui/submit-button'

/** Opens the login of a team that somebody knows by its address. */
export const OpenTeam = () => (
  <details className="group text-sm">
    <summary className="rounded-sm text-quiet hover:text-ink">
      Do you know the address of your team?
    </summary>
    <form action="/team/login" className="mt-4 flex flex-wrap items-end gap-2">
      <div className="min-w-0 flex-1 basis-44">
        <Field
          label="Address of the team"
          name="team"
          placeholder="acme"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          pattern="[a-z0-9][a-z0-9._\-]*"
          title="Small letters, digits, dots and hyphens"
          maxLength={128}
          required
        />
      </div>
      <SubmitButton kind="secondary">Open</SubmitButton>
    </form>
  </details>
)
