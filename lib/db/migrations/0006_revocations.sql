CREATE TABLE "revocations" (
	"key" text PRIMARY KEY NOT NULL,
	"ended_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"expires_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "revocations_expire" ON "revocations" USING btree ("expires_at");