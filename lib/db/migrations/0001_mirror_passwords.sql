CREATE TABLE "mirror_passwords" (
	"account_id" text PRIMARY KEY NOT NULL,
	"sealed" text,
	"expires_at" timestamp with time zone,
	"for_new_record" boolean NOT NULL,
	"version" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "mirror_passwords" ADD CONSTRAINT "mirror_passwords_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;