/** What a user of `oncectl dev up` asks for by name. */
export const parts = ['postgres', 'sqs-s3', 'dynamodb'] as const;

export type Part = (typeof parts)[number];
