/** What a client of the AWS servers needs besides an endpoint; nothing checks the credentials. */
export const awsClient = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
} as const;
