import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { StorageManagedFolderIamMember } from "@cdktf/provider-google/lib/storage-managed-folder-iam-member";
import { Construct } from "constructs";
import { HardenedBucket } from "../lake/hardened-bucket";
import { ChannelsSecret } from "../orchestration/notification-secret";
import { Identity } from "../identity/identities";
import { LakeStorage } from "../lake/lake-storage";
import { DatabaseSecret } from "../database/database-secret";

/** The grants there are, by what they are on: the project, a bucket, a folder, a secret, an account. */
export abstract class Grants extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly projectId: string,
    private readonly lake: LakeStorage,
  ) {
    super(scope, id);
  }

  protected onProject(id: string, who: Identity, role: string): ProjectIamMember {
    return new ProjectIamMember(this, id, {
      project: this.projectId,
      role,
      member: who.member,
    });
  }

  protected onBucket(
    id: string,
    who: Identity,
    target: HardenedBucket,
    role: string,
  ): StorageBucketIamMember {
    return new StorageBucketIamMember(this, id, { bucket: target.bucket.name, role, member: who.member });
  }

  protected onFolder(
    id: string,
    who: Identity,
    target: HardenedBucket,
    path: string,
    role: string,
  ): StorageManagedFolderIamMember {
    const folder = this.lake.folders.get(path);
    if (!folder)
      throw new Error(`${path}: no such folder in the lake, see FOLDERS in constructs/lake/lake-storage.ts`);
    return new StorageManagedFolderIamMember(this, id, {
      bucket: target.bucket.name,
      managedFolder: folder.name,
      role,
      member: who.member,
    });
  }

  protected onSecret(
    id: string,
    who: Identity,
    secret: DatabaseSecret | ChannelsSecret,
    role: string,
  ): SecretManagerSecretIamMember {
    return new SecretManagerSecretIamMember(this, id, {
      secretId: secret.secret.secretId,
      role,
      member: who.member,
    });
  }

  protected actAs(id: string, who: Identity, target: Identity, role: string): ServiceAccountIamMember {
    return new ServiceAccountIamMember(this, id, {
      serviceAccountId: target.account.name,
      role,
      member: who.member,
    });
  }
}
