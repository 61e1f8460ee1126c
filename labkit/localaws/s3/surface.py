"""What of S3 moto answers."""

from ..registry import moto_operations

moto_operations(
    "s3",
    """
    CreateBucket HeadBucket DeleteBucket ListBuckets GetBucketLocation
    PutObject GetObject HeadObject DeleteObject DeleteObjects CopyObject
    ListObjects ListObjectsV2 ListObjectVersions
    CreateMultipartUpload UploadPart CompleteMultipartUpload AbortMultipartUpload ListMultipartUploads ListParts
    PutBucketPolicy GetBucketPolicy DeleteBucketPolicy GetBucketAcl
    PutBucketVersioning GetBucketVersioning
    PutPublicAccessBlock GetPublicAccessBlock
    PutBucketEncryption GetBucketEncryption
    PutBucketOwnershipControls GetBucketOwnershipControls
    PutBucketLifecycleConfiguration GetBucketLifecycleConfiguration
    PutBucketTagging GetBucketTagging DeleteBucketTagging
    """,
)
