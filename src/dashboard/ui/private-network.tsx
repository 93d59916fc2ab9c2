/**
 * Whether an address may lie in a private network: the gateway's operator alone says so. In a form of
 * anybody else it stays as it is.
 */
import { useHello } from '../client/use-gateway.ts'
import { CheckField } from './fields.tsx'

const NAME = 'private_network'

export const isPrivateIn = (form: FormData): boolean => form.has(NAME)

export function PrivateNetworkField({ isChecked }: { readonly isChecked: boolean }) {
  const { is_master_scope: isOperator } = useHello()
  if (!isOperator) return isChecked ? <input type="hidden" name={NAME} value="yes" /> : null
  return (
    <CheckField
      name={NAME}
      label="May lie in a private network, or be reached without TLS"
      isChecked={isChecked}
    />
  )
}
