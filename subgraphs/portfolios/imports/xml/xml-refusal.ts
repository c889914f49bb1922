import { Refusal, type UserErrorCode } from '../../../../src/errors.js';

/** A file that is no XML of ours, with the line on which that shows. */
export class XmlRefusal extends Refusal {
  constructor(code: UserErrorCode, readonly line: number, reason: string, part = 'xml') {
    super(code, `Line ${line}: ${reason}`, ['file', part]);
  }
}
