/** The subgraphs, in the order in which they are started and migrated. */
export const ROOMS = ['identity', 'portfolios', 'scoring', 'community'] as const;
export type RoomName = (typeof ROOMS)[number];
