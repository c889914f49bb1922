import { Args, ArgsType, Ctx, Field, FieldResolver, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { Request } from '../../../src/server/request.js';
import { ImportJob } from './import-job.resolver.js';
import type { JobState } from './import-job.table.js';
import { countImports, importCursor, listImports } from './list-imports.js';

@ArgsType()
class ImportJobsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;
}

@ObjectType({ description: 'A page of imports, the latest created first.' })
class ImportJobConnection {
  @Field(() => [ImportJob], { description: 'The imports.' })
  nodes!: readonly JobState[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;
}

@Resolver(() => ImportJobConnection)
export class ImportListResolver {
  @Query(() => ImportJobConnection, { description: 'Every import of your firm, the latest created first: those under way, those that await their file, dry runs, and those that failed. Needs the scope ledger:read.' })
  async importJobs(@Args(() => ImportJobsArgs) args: ImportJobsArgs, @Ctx() request: Request): Promise<ImportJobConnection> {
    request.demand('ledger:read');
    const first = demandPageSize(args.first ?? 50);
    const after = args.after ?? undefined;
    const { nodes, pageInfo } = toPage(await listImports(request, first, after), first, after, importCursor);
    return { nodes, pageInfo };
  }

  @FieldResolver(() => Int, { description: 'How many imports there are; 10,001 means more than 10,000.' })
  totalCount(@Ctx() request: Request): Promise<number> {
    return countImports(request);
  }
}
