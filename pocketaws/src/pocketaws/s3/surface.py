"""The S3 operations that moto answers."""

from ..registry import moto_operations

moto_operations(
    "s3",
    """
    CreateBucket HeadBucket DeleteBucket GetBucketLocation
    PutObject GetObject HeadObject DeleteObject CopyObject GetObjectAttributes
    GetObjectTagging PutObjectTagging DeleteObjectTagging
    CreateMultipartUpload UploadPart UploadPartCopy CompleteMultipartUpload AbortMultipartUpload
    ListMultipartUploads ListParts
    PutBucketPolicy GetBucketPolicy DeleteBucketPolicy
    PutBucketVersioning GetBucketVersioning
    PutPublicAccessBlock GetPublicAccessBlock DeletePublicAccessBlock
    PutBucketEncryption GetBucketEncryption
    PutBucketOwnershipControls GetBucketOwnershipControls DeleteBucketOwnershipControls
    PutBucketLifecycleConfiguration GetBucketLifecycleConfiguration DeleteBucketLifecycle
    PutBucketTagging GetBucketTagging DeleteBucketTagging
    PutBucketCors GetBucketCors DeleteBucketCors
    PutBucketLogging GetBucketLogging GetBucketNotificationConfiguration GetBucketReplication
    GetBucketWebsite GetBucketAccelerateConfiguration GetObjectLockConfiguration
    """,
)
