'use client'

import { useEffect, useState } from 'react'
import { fieldId, PolicyField } from './policy-field'

/**
 * The percentage as a number, with a slider that sets it. The form submits the number. The slider needs
 * JavaScript, so it appears only after hydration.
 */
export function PercentField({ initial, problem }: { initial: string; problem?: string }) {
  const [position, setPosition] = useState<number | null>(null)
  useEffect(() => setPosition(Number(initial) || 0), [initial])
  return (
    <PolicyField
      field="percent"
      defaultValue={initial}
      problem={problem}
      hint="Percent of all visitors, 0 to 100. Raising it never moves anyone back. Lowering it never ends a Stytch session."
      inputMode="decimal"
      className="max-w-24 text-right"
      onInput={({ currentTarget: { value } }) => setPosition(Number(value) || 0)}
      beside={
        position !== null && (
          <input
            type="range"
            min="0"
            max="100"
            step="1"
            value={position}
            aria-label="Percentage slider"
            onChange={({ currentTarget: { value } }) => {
              setPosition(Number(value))
              const number = document.getElementById(fieldId('percent'))
              if (number instanceof HTMLInputElement) number.value = value
            }}
            className="h-11 w-full min-w-0 cursor-pointer accent-stytch"
          />
        )
      }
    />
  )
}
