/** The way to a party that vouches for people: asked when its row is written, and when an admin tries it. */
import type { IssuerRecord } from '../issuer.ts'
import type { Result } from '../result.ts'

type Place = Pick<IssuerRecord, 'allowPrivateNetwork'>

/** The errors are sentences; they hold nothing of what was answered. */
export interface IssuerPort {
  /** Judges an address by its form alone. */
  checkAddress(url: string, place: Place): Result<null, string>
  /** What the issuer's own document says, if it is that issuer's. */
  discover(
    issuer: Place & Pick<IssuerRecord, 'issuer'>,
  ): Promise<Result<{ readonly jwksUrl: string; readonly canSignIn: boolean }, string>>
  /** How many keys it publishes. */
  countKeys(issuer: Place & Pick<IssuerRecord, 'jwksUrl'>): Promise<Result<number, string>>
}
