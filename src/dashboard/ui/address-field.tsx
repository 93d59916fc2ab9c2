/** The address of a program; what another origin than the stored one entails is said while it is typed. */
import { useState } from 'react'
import { TextField } from './fields.tsx'
import { isOtherOrigin } from './origin.ts'

export interface AddressFieldProps {
  readonly placeholder: string
  /** Null: none yet. */
  readonly stored: string | null
  /** What comes of another origin. */
  readonly consequence: string
}

/** Of a form that is read as a whole: `url`. */
export function AddressField({ placeholder, stored, consequence }: AddressFieldProps) {
  const [isOther, setOther] = useState(false)
  return (
    <div
      className="flex flex-col gap-2"
      onInput={({ target }) =>
        stored !== null && setOther(isOtherOrigin(stored, (target as HTMLInputElement).value))
      }
    >
      <TextField
        name="url"
        label="Address"
        type="url"
        isRequired
        placeholder={placeholder}
        {...(stored === null ? {} : { defaultValue: stored })}
      />
      {isOther && (
        <p role="status" className="rounded-lg bg-kumo-warning-tint px-3 py-2 text-sm">
          {consequence}
        </p>
      )}
    </div>
  )
}
