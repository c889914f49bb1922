import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, Refusal, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { ImportJob } from '../imports/import-job.resolver.js';
import type { JobState } from '../imports/import-job.table.js';
import { CustomerFilter, searchedText } from '../ledger/customer-list.resolver.js';
import { InvoiceFilter } from '../ledger/invoice-list.resolver.js';
import { createExport } from './create-export.js';
import { EXPORT_CONTENTS, EXPORT_FORMATS, readExport, type ExportContent, type ExportFormat, type ExportState } from './export.table.js';
import { exportUrl, rejectionsUrl } from './send-download.js';

const ExportContentEnum = enumOf(EXPORT_CONTENTS);
registerEnumType(ExportContentEnum, {
  name: 'ExportContent',
  description: 'What an export holds a row of.',
  valuesConfig: {
    INVOICES: { description: 'Invoices and credit notes.' },
    CUSTOMERS: { description: 'Customers.' },
  },
});

const ExportFormatEnum = enumOf(EXPORT_FORMATS);
registerEnumType(ExportFormatEnum, {
  name: 'ExportFormat',
  description: 'The form of an export. Amounts are exact decimals, days are yyyy-MM-dd, the text is UTF-8.',
  valuesConfig: {
    CSV: { description: 'A table with a header, cells separated by commas. Invoices have the columns of an import, so that an import of the file changes nothing; due dates that were assumed, and days of a settlement in several parts, stand in columns of their own behind them. Cancelled invoices are left out. A text that a spreadsheet would take for a formula has an apostrophe in front, which an import takes away.' },
    JSON_LINES: { description: 'A JSON object on each line, its fields named as in this API; amounts are strings.' },
  },
});

@InputType({ description: 'What to export. The filter is that of the list; the other one must be left out.' })
class ExportCreateInput {
  @Field(() => ExportContentEnum, { description: 'What there is a row of.' })
  content!: ExportContent;

  @Field(() => ExportFormatEnum, { nullable: true, defaultValue: 'CSV', description: 'The form of the file.' })
  format!: ExportFormat | null;

  @Field(() => InvoiceFilter, { nullable: true, description: 'Which invoices; all of them when left out.' })
  invoices?: InvoiceFilter | null;

  @Field(() => CustomerFilter, { nullable: true, description: 'Which customers; all of them when left out.' })
  customers?: CustomerFilter | null;
}

@ObjectType({ description: 'A file to download. It is made while it is fetched: each row is as it is when it is read, each comes once, and what comes or changes meanwhile may or may not be seen.' })
class Export {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => ExportContentEnum, { description: 'What there is a row of.' })
  content!: ExportContent;

  @Field(() => ExportFormatEnum, { description: 'The form of the file.' })
  format!: ExportFormat;

  @Field(() => DateTimeScalar, { description: 'Until when it can be fetched, as often as you like.' })
  expiresAt!: string;
}

@ObjectType({ description: 'The export, or why there is none.' })
class ExportCreatePayload {
  @Field(() => Export, { nullable: true, description: 'The export; null when refused.' })
  export!: ExportState | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => Export)
export class ExportResolver {
  @Mutation(() => ExportCreatePayload, { description: 'Opens an export of a list and says where its file is fetched. Needs the scope ledger:read.' })
  exportCreate(@Arg('input', () => ExportCreateInput, { description: 'What to export.' }) input: ExportCreateInput, @Ctx() request: Request): Promise<ExportCreatePayload> {
    request.demand('ledger:read');
    return answer<Omit<ExportCreatePayload, 'userErrors'>>({ export: null }, async () => {
      const other = input.content === 'INVOICES' ? 'customers' : 'invoices';
      if (input[other]) throw new Refusal('INVALID', `An export of ${input.content.toLowerCase()} has no filter of ${other}.`, ['input', other]);
      const { invoices, customers } = input;
      const id = await createExport(request.db, {
        content: input.content,
        format: input.format ?? 'CSV',
        filter: {
          customerId: invoices?.customerId ?? null,
          open: invoices?.open ?? null,
          overdue: invoices?.overdue ?? customers?.overdue ?? null,
          dueFrom: invoices?.dueFrom?.toString() ?? null,
          dueTo: invoices?.dueTo?.toString() ?? null,
          search: searchedText(customers?.search) ?? null,
        },
      });
      return { export: (await request.read((em) => readExport(em, id))) ?? null };
    });
  }

  @FieldResolver(() => String, { description: 'Where to GET the file, with the same Authorization header.' })
  downloadUrl(@Root() { id }: ExportState, @Ctx() request: Request): string {
    return exportUrl(request.asking.origin, id);
  }
}

@Resolver(() => ImportJob)
export class ImportRejectionsFileResolver {
  @FieldResolver(() => String, { nullable: true, description: 'Where to GET all that was not taken as CSV (line, column, value, code, message), with the same Authorization header; null while nothing is.' })
  rejectionsUrl(@Root() { id, rowsRejected }: JobState, @Ctx() request: Request): string | null {
    return rowsRejected > 0 ? rejectionsUrl(request.asking.origin, id) : null;
  }
}
