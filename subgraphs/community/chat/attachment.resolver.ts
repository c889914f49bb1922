import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Message } from './conversation.graph.js';
import { createAttachment } from './create-attachment.js';
import { readAttachments, type AttachmentRow } from './read-attachments.js';
import { LARGEST_ATTACHMENT } from './store-attachment.js';

@ObjectType({
  description: 'A file that a message carries: PDF, PNG, JPEG or CSV, as its bytes say. It is passed on as it is, so what is inside it may tell who you are before you revealed yourself: the author of a PDF, where and with what a picture was taken, a letterhead. Nor is it looked through for what could do harm when it is opened.',
})
export class Attachment {
  @Field(() => ID, { description: 'Opaque; your peer knows this file by another id.' })
  id!: string;

  @Field(() => String, { description: 'Its name, without folders and control characters. Once its bytes have come it ends as they ask for: .pdf, .png, .jpg, .jpeg or .csv.' })
  fileName!: string;

  @Field(() => String, { nullable: true, description: 'What its bytes are: application/pdf, image/png, image/jpeg, or text/csv with its charset. Null until they have come.' })
  contentType!: string | null;

  @Field(() => Int, { nullable: true, description: 'How many bytes it has. Null until they have come.' })
  sizeBytes!: number | null;

  @Field(() => String, { nullable: true, description: 'The SHA-256 of its bytes in hexadecimal digits. Null until they have come.' })
  sha256!: string | null;

  @Field(() => String, { nullable: true, description: 'Where it is fetched: GET with the same authorization as the API. Always to be saved, never shown in place. Null until its bytes have come.' })
  url!: string | null;

  @Field(() => String, { nullable: true, description: `Where its bytes go: PUT, as they are, at most ${LARGEST_ATTACHMENT} of them, with the same authorization as the API. Null once they have come.` })
  uploadUrl!: string | null;
}

@InputType({ description: 'A file that you are about to upload.' })
class AttachmentCreateInput {
  @Field(() => ID, { description: 'The conversation that it is for.' })
  conversationId!: string;

  @Field(() => String, { description: 'Its name, 1 to 255 characters; folders in front of it and control characters are dropped.' })
  fileName!: string;
}

@ObjectType({ description: 'A file to be uploaded, or why it was refused.' })
class AttachmentPayload {
  @Field(() => Attachment, { nullable: true, description: 'Null when refused.' })
  attachment!: Attachment | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

function toAttachment(row: AttachmentRow, request: Request): Attachment {
  const id = request.room.keys.ids.encode(request.demand().firmId, 'Attachment', row.id);
  const url = `${request.asking.origin}/attachments/${id}`;
  const isThere = row.content_type !== null;
  return {
    id, fileName: row.file_name, contentType: row.content_type, sizeBytes: row.size_bytes, sha256: row.sha256,
    url: isThere ? url : null, uploadUrl: isThere ? null : url,
  };
}

@Resolver(() => Attachment)
export class AttachmentResolver {
  @Mutation(() => AttachmentPayload, {
    description: 'Opens the upload of a file for a message: PUT its bytes to uploadUrl, then give its id to messageSend. Your peer sees it with that message and not before. What is not sent within a day is removed. In a conversation you have at most 20 files that are not sent, and 1,000 MiB in all. Needs the scope chat.',
  })
  attachmentCreate(@Arg('input', () => AttachmentCreateInput, { description: 'The file.' }) input: AttachmentCreateInput, @Ctx() request: Request): Promise<AttachmentPayload> {
    const { firmId } = request.demand('chat');
    const peeringId = request.room.keys.ids.decode(firmId, 'Conversation', input.conversationId);
    return answer<Pick<AttachmentPayload, 'attachment'>>({ attachment: null }, async () => {
      return { attachment: toAttachment(await createAttachment(request.room, firmId, peeringId, input.fileName), request) };
    });
  }
}

@Resolver(() => Message)
export class MessageAttachmentsResolver {
  @FieldResolver(() => [Attachment], { description: 'The files that it carries, in the order they were given; none once the message is older than twelve months. At most 10.' })
  async attachments(@Root() { peeringId, seq, attachmentCount }: Message, @Ctx() request: Request): Promise<Attachment[]> {
    if (attachmentCount === 0) return [];
    return ((await request.batch(readAttachments, { peeringId, seq })) ?? []).map((row) => toAttachment(row, request));
  }
}
