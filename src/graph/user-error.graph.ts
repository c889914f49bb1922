import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import { USER_ERROR_CODES, type UserErrorCode } from '../errors.js';
import { enumOf } from './enum-of.js';

const UserErrorCodeEnum = enumOf(USER_ERROR_CODES);
registerEnumType(UserErrorCodeEnum, {
  name: 'UserErrorCode',
  description: 'Why a mutation refused. A client may rely on these codes; the list may grow.',
  valuesConfig: {
    INVALID: { description: 'The value has a wrong form or breaks a rule.' },
    REQUIRED: { description: 'A value is missing.' },
    TAKEN: { description: 'The value is already in use.' },
    NOT_FOUND: { description: 'The id is malformed, unknown or not yours: one answer for all three.' },
    NOT_ALLOWED: { description: 'The state of things, or of your firm, does not allow it.' },
    CONFLICT: { description: 'It contradicts what was sent before under the same key.' },
    LIMIT_REACHED: { description: 'A cap is reached; later it may work.' },
    EXPIRED: { description: 'A token or an offer is no longer valid.' },
  },
});

@Directive('@shareable')
@ObjectType('UserError', { description: 'An expected refusal of a mutation, as data.' })
export class UserErrorObject {
  @Field(() => UserErrorCodeEnum, { description: 'The stable reason.' })
  code!: UserErrorCode;

  @Field(() => String, { description: 'For a person, in English.' })
  message!: string;

  @Field(() => [String], { description: 'The input field it is about, from the outside in; empty when it is about the whole.' })
  path!: readonly string[];
}
