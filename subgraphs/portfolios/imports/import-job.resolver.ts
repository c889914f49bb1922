import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Float, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver, Root, Subscription } from 'type-graphql';
import { answer, ApiError, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { decodeCursor, demandPageSize, encodeCursor, LARGEST_TOTAL, PageInfo, toPage, wrongCursor } from '../../../src/graph/page.graph.js';
import { CurrencyCodeScalar, DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { demandTerms, PaymentTermsInput } from '../terms/terms.resolver.js';
import { createImport } from './create-import.js';
import { followImport } from './follow-import.js';
import { IMPORT_FIELDS, type ImportField } from './import-field.js';
import { countRejections, IMPORT_FORMATS, IMPORT_MODES, IMPORT_STATUSES, listRejections, listWarnings, readJob, type ImportFormat, type ImportMode, type ImportStatus, type JobState } from './import-job.table.js';
import { MOST_WARNINGS, WARNING_CODES, type Warning } from './import-warning.js';
import { REJECTION_CODES } from './rejection.js';

const ImportFormatEnum = enumOf(IMPORT_FORMATS);
registerEnumType(ImportFormatEnum, {
  name: 'ImportFormat',
  description: 'The form of an imported file.',
  valuesConfig: {
    CSV: { description: 'A table with a header, cells separated by a comma, a semicolon, a tab or a bar. UTF-8, or what the content-type declares of windows-1252 and iso-8859-1.' },
    FEC: { description: 'Fichier des écritures comptables (art. A47 A-1 LPF). Its rows are the lines of customers\' accounts (411): sales become invoices, payments receipts, and the lettering says which settles which. UTF-8 or windows-1252, cells separated by a tab, a bar or a semicolon.' },
    UBL: { description: 'An invoice or a credit note in UBL 2.1, as EN 16931 and Peppol use it. The buyer is the customer: its reference is your own identifier for it (BT-46), else that of the one customer whom you know by its registration, else its legal registration, VAT number, electronic address or name. The amount is the total with VAT (BT-112); what was prepaid counts as settled on the day of issue. A due date before the issue counts as the day of issue.' },
    CII: { description: 'An invoice or a credit note in UN/CEFACT CII (D16B), read like one in UBL.' },
    FACTURX: { description: 'A PDF with an invoice in CII in it, called factur-x.xml (also zugferd-invoice.xml or xrechnung.xml): Factur-X and ZUGFeRD 2, of every profile. The lines of its rejections are those of the invoice. At most 32 MiB.' },
    CAMT053: { description: 'A bank statement of ISO 20022 (camt.053, any version). Each booked credit is a row and becomes a receipt, applied by its structured reference, else by the invoice numbers in its text, else to the one open invoice of its payer of exactly its amount; otherwise it stays unapplied. A statement that does not reconcile is refused with the difference.' },
  },
});

const ImportModeEnum = enumOf(IMPORT_MODES);
registerEnumType(ImportModeEnum, {
  name: 'ImportMode',
  description: 'What the absence of an invoice from the file means.',
  valuesConfig: {
    DELTA: { description: 'Nothing: the file holds what changed.' },
    SNAPSHOT: { description: 'The file holds everything that is open: an open invoice that it lacks is settled on the day of the import. Refused rows keep their invoices; where one does not say which it means, nothing is closed (NOTHING_CLOSED).' },
  },
});

const ImportStatusEnum = enumOf(IMPORT_STATUSES);
registerEnumType(ImportStatusEnum, {
  name: 'ImportStatus',
  description: 'How far an import is.',
  valuesConfig: {
    AWAITING_UPLOAD: { description: 'Its file has not come, or its upload broke off: send it to uploadUrl.' },
    RUNNING: { description: 'Its file is coming in, or is being merged.' },
    COMPLETED: { description: 'Every row that could be taken is in the ledger; of a dry run, none is.' },
    FAILED: { description: 'Nothing of the file was taken; see failure.' },
  },
});

const ImportFieldEnum = enumOf(IMPORT_FIELDS);
registerEnumType(ImportFieldEnum, {
  name: 'ImportField',
  description: 'What a column means. Required: CUSTOMER_REFERENCE, INVOICE_NUMBER, ISSUE_DATE, AMOUNT.',
  valuesConfig: {
    CUSTOMER_REFERENCE: { description: "Your own customer number; a new one makes a new customer." },
    CUSTOMER_NAME: { description: "The customer's name; without it a new customer is named by its reference." },
    REGISTRATION_SCHEME: { description: 'SIREN, SIRET, VAT, LEI or DUNS; goes with REGISTRATION_VALUE.' },
    REGISTRATION_VALUE: { description: "The customer's registration; its check digits are verified." },
    COUNTRY: { description: "The customer's country, two letters of ISO 3166-1." },
    INVOICE_NUMBER: { description: 'The number; with the customer it tells one invoice from every other.' },
    INVOICE_KIND: { description: 'INVOICE or CREDIT_NOTE; INVOICE without.' },
    ISSUE_DATE: { description: 'The day of issue.' },
    DUE_DATE: { description: "The day it is due; without it the customer's terms, else the import's, else 30 days." },
    CURRENCY: { description: "A currency of ISO 4217; without it the import's." },
    AMOUNT: { description: "The amount, above zero, with no more digits than the currency has. `1234.56`, `1 234,56` and `1234,5` are read; `1,234` is refused as it could be either." },
    SETTLED_ON: { description: 'The day it was settled in full; empty says that it is open.' },
    OPEN_AMOUNT: { description: 'What is open on the day of the import; empty says nothing.' },
  },
});

@InputType({ description: 'What one column of the file means.' })
class ColumnMappingInput {
  @Field(() => String, { description: 'The name of the column in the header, letter by letter; spaces around it do not count.' })
  column!: string;

  @Field(() => ImportFieldEnum, { description: 'What it means; each field at most once.' })
  field!: ImportField;
}

@InputType({ description: 'A file to come. Without a mapping its columns are the ImportField names in lower case.' })
class ImportInput {
  @Field(() => ImportFormatEnum, { description: 'Its form.' })
  format!: ImportFormat;

  @Field(() => ImportModeEnum, { nullable: true, defaultValue: 'DELTA', description: 'What the absence of an invoice means.' })
  mode!: ImportMode | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Whether only to count and to report what would be refused, and to change nothing.' })
  dryRun!: boolean | null;

  @Field(() => CurrencyCodeScalar, { nullable: true, description: 'The currency of rows that name none; EUR when left out.' })
  currency?: string | null;

  @Field(() => PaymentTermsInput, { nullable: true, description: 'The terms of invoices without a due date, of customers without terms; 30 days when left out.' })
  terms?: PaymentTermsInput | null;

  @Field(() => [ColumnMappingInput], { nullable: true, description: 'What the columns mean; columns that are not named are left alone. Without a mapping the columns are the ImportField names in lower case.' })
  mapping?: ColumnMappingInput[] | null;

  @Field(() => String, { nullable: true, description: 'How days are written, in y, M and d letters: `M/d/yyyy`, `dd-MMM-yyyy`; `yyyy-MM-dd` when left out.' })
  dateFormat?: string | null;

  @Field(() => String, { nullable: true, description: 'The one character between cells; when left out the header shows it: a comma, a semicolon, a tab or a bar.' })
  delimiter?: string | null;

  @Field(() => String, { nullable: true, description: 'The name of the file. Of a FEC it begins with the SIREN of whose books they are: another than yours is warned of (ANOTHER_FIRM). Otherwise for your own memory.' })
  fileName?: string | null;
}

@ObjectType({ description: 'Why one row, or one cell of it, was not taken.' })
class ImportRejection {
  @Field(() => String, { nullable: true, description: 'The name of the file, folders included, where several came in one zip; null when the upload is one file.' })
  file!: string | null;

  @Field(() => Int, { description: 'The line of the file on which the row begins; the header is line 1.' })
  line!: number;

  @Field(() => String, { nullable: true, description: "The column's name in the file; null when it is about the whole row, or the file has no such column." })
  column!: string | null;

  @Field(() => String, { nullable: true, description: 'What the cell holds, at most 200 characters of it; null when it is empty or it is about the whole row.' })
  value!: string | null;

  @Field(() => String, { description: `Stable; the list may grow. ${Object.entries(REJECTION_CODES).map(([code, meaning]) => `${code}: ${meaning}.`).join(' ')}` })
  code!: string;

  @Field(() => String, { description: 'For a person, in English.' })
  message!: string;
}

@ObjectType({ description: 'What you should know of a file that is taken all the same. No row is refused because of it.' })
class ImportWarning {
  @Field(() => String, { nullable: true, description: 'The name of the file, folders included, where several came in one zip; null when the upload is one file.' })
  file!: string | null;

  @Field(() => Int, { nullable: true, description: 'The line of the file, its first is 1; null when it is about the whole file.' })
  line!: number | null;

  @Field(() => String, { description: `Stable; the list may grow. ${Object.entries(WARNING_CODES).map(([code, meaning]) => `${code}: ${meaning}.`).join(' ')}` })
  code!: string;

  @Field(() => String, { description: 'For a person, in English.' })
  message!: string;
}

@ObjectType({ description: 'A page of rejections, in the order of the file. A row has one for each thing wrong with it.' })
class ImportRejectionConnection {
  @Field(() => [ImportRejection], { description: 'The rejections.' })
  nodes!: readonly ImportRejection[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  readonly jobId!: string;
}

@Resolver(() => ImportRejectionConnection)
export class ImportRejectionConnectionResolver {
  @FieldResolver(() => Int, { description: 'How many rejections there are; 10,001 means more than 10,000.' })
  totalCount(@Root() { jobId }: ImportRejectionConnection, @Ctx() request: Request): Promise<number> {
    return request.read((em) => countRejections(em, jobId, LARGEST_TOTAL));
  }
}

@ArgsType()
class RejectionsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;
}

@ObjectType({ description: 'One file on its way into the ledger.' })
export class ImportJob {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => ImportFormatEnum, { description: 'The form of the file.' })
  format!: ImportFormat;

  @Field(() => ImportModeEnum, { description: 'What the absence of an invoice means.' })
  mode!: ImportMode;

  @Field(() => Boolean, { description: 'Whether it only counts and reports, and changes nothing.' })
  dryRun!: boolean;

  @Field(() => ImportStatusEnum, { description: 'How far it is.' })
  status!: ImportStatus;

  @Field(() => String, { nullable: true, description: 'The name of the file, as importCreate was told; null: it was told none.' })
  fileName!: string | null;

  @Field(() => Int, { description: 'Rows read so far, header and empty lines not counted; rowsAccepted and rowsRejected add up to it.' })
  rowsRead!: number;

  @Field(() => Int, { description: 'Rows that are taken, those included that say what the ledger already holds; 0 when the import failed.' })
  rowsAccepted!: number;

  @Field(() => Int, { description: 'Accepted rows that changed nothing; known once the import is completed, 0 before.' })
  rowsUnchanged!: number;

  @Field(() => Int, { description: 'Rows that are not taken, each with one or more rejections.' })
  rowsRejected!: number;

  @Field(() => Float, { nullable: true, description: 'How much of the work that follows the upload is done, from 0 to 1 in hundredths: of its steps, each as long as it usually takes. 0 while it waits for another import of the firm, 1 once completed; null until the whole file has come in, and when the import failed. It goes back to 0 when the merge has to begin again.' })
  mergeProgress!: number | null;

  @Field(() => UserErrorObject, { nullable: true, description: 'Why nothing of the file was taken; null unless FAILED. Its path says what is at fault: `file` (empty, or too large), `file header`, `file row`, `file encoding`, `file format` (another one than was announced), `file xml`, `file pdf`, `file statement`, `file zip`.' })
  failure!: UserError | null;

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its upload began; null while it awaits one.' })
  startedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was completed or failed; null before.' })
  finishedAt!: string | null;
}

@ObjectType({ description: 'The import that awaits its file, or why there is none.' })
class ImportCreatePayload {
  @Field(() => ImportJob, { nullable: true, description: 'Null when refused.' })
  job!: JobState | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => ImportJob)
export class ImportJobResolver {
  @Query(() => ImportJob, { nullable: true, description: 'An import of your firm; null when the id is malformed, unknown or not yours. Needs the scope ledger:read.' })
  async importJob(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() request: Request): Promise<JobState | null> {
    request.demand('ledger:read');
    return (await request.read((em) => readJob(em, id))) ?? null;
  }

  @Mutation(() => ImportCreatePayload, { description: 'Opens an import and says where its file goes. What can be found wrong before the file is seen is refused here. Needs the scope ledger:write.' })
  importCreate(@Arg('input', () => ImportInput, { description: 'The file to come.' }) input: ImportInput, @Ctx() request: Request): Promise<ImportCreatePayload> {
    request.demand('ledger:write');
    return answer<Omit<ImportCreatePayload, 'userErrors'>>({ job: null }, async () => {
      const id = await createImport(request.db, {
        format: input.format,
        mode: input.mode ?? 'DELTA',
        dryRun: input.dryRun ?? false,
        currency: input.currency ?? undefined,
        terms: input.terms ? demandTerms(input.terms, ['input', 'terms']) : undefined,
        mapping: input.mapping?.map(({ column, field }) => ({ column, field })),
        dateFormat: input.dateFormat ?? undefined,
        delimiter: input.delimiter ?? undefined,
        fileName: input.fileName ?? undefined,
      });
      return { job: (await request.read((em) => readJob(em, id))) ?? null };
    });
  }

  @Subscription(() => ImportJob, {
    description: 'An import as it is, then at each change until it is completed or failed, then the end. NOT_FOUND when the id is malformed, unknown or not yours. Needs the scope ledger:read.',
    subscribe: async ({ args, context }) => {
      const request = context as Request;
      const { firmId } = request.demand('ledger:read');
      const id = String(args['id']);
      if (!(await request.read((em) => readJob(em, id)))) throw new ApiError('NOT_FOUND', 'There is no such import.');
      return followImport(request.room, firmId, id);
    },
  })
  importProgress(@Arg('id', () => ID, { description: 'Its id.' }) _id: string, @Root() job: JobState): JobState {
    return job;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Where to PUT the raw bytes of the file, with the same Authorization header; null unless AWAITING_UPLOAD. A file has at most 1 GiB, a row at most 64 KiB. Several files of the format may come in one zip, of at most 1 GiB unpacked: one that cannot be read is a rejection (FILE_UNREADABLE), the others are taken.' })
  uploadUrl(@Root() { id, status }: JobState, @Ctx() request: Request): string | null {
    return status === 'AWAITING_UPLOAD' ? `${request.asking.origin}/uploads/${id}` : null;
  }

  @FieldResolver(() => [ImportWarning], { description: `What you should know of the file, by line, at most the first ${MOST_WARNINGS}. Complete once the import has ended.` })
  warnings(@Root() { id }: JobState, @Ctx() request: Request): Promise<readonly Warning[]> {
    return request.read((em) => listWarnings(em, id));
  }

  @FieldResolver(() => ImportRejectionConnection, { description: 'What was not taken, in the order of the file. It stays when the import failed.' })
  async rejections(@Root() { id }: JobState, @Args(() => RejectionsArgs) args: RejectionsArgs, @Ctx() request: Request): Promise<ImportRejectionConnection> {
    const first = demandPageSize(args.first ?? 50);
    const after = args.after ?? undefined;
    const place = after === undefined ? { line: 0, position: 0 } : toPlace(after);
    const rows = await request.read((em) => listRejections(em, id, first + 1, place));
    const { nodes, pageInfo } = toPage(rows, first, after, ({ line, position }) => encodeCursor([line, position]));
    return { nodes: nodes.map((row) => ({ ...row, line: row.fileLine })), pageInfo, jobId: id };
  }
}

/** The place of a cursor; one whose parts are no numbers of ours is refused like any other that this API did not give. */
function toPlace(cursor: string): { line: number; position: number } {
  const [line, position] = decodeCursor(cursor, 2);
  if (!isCount(line) || !isCount(position)) throw wrongCursor();
  return { line, position };
}

function isCount(part: unknown): part is number {
  return typeof part === 'number' && Number.isInteger(part) && part >= 0 && part < 2 ** 31;
}
